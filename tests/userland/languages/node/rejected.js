async function main() { throw new Error("async fail"); }
main();
