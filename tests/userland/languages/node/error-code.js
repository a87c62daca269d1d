const e = new Error("with extra"); e.code = "ECODE"; throw e;
