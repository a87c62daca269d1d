require("./nothere");
