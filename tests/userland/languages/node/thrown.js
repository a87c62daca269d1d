function boom() {
  throw new TypeError("bad");
}
boom();
