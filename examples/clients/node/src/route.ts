// Asks a fastroute server where a text should go: `npm start -- TEXT…`.
//
// FASTROUTE_ADDRESS names the server (127.0.0.1:50051 when unset), FASTROUTE_TOKEN is the caller's token, and FASTROUTE_CA
// a file with the certificate authority of a server that speaks TLS.
import { status } from "@grpc/grpc-js";

import { bearer, connect, reasonOf } from "./connect.js";
import { RouteRequest } from "./gen/fastroute/v1/router.js";

const text = process.argv.slice(2).join(" ");
if (!text) {
  console.error("usage: npm start -- TEXT…");
  process.exit(2);
}

const router = connect();
const request = RouteRequest.fromPartial({ text });
const deadline = Date.now() + 2_000;
router.route(request, bearer(process.env.FASTROUTE_TOKEN), { deadline }, (error, response) => {
  if (error) {
    console.error(`route: ${error.details} [${reasonOf(error) ?? status[error.code]}]`);
    process.exitCode = 1;
  } else if (response.result?.$case === "decision") {
    const decision = response.result.value;
    console.log("outcome", decision.outcome);
    console.log("route", decision.route ?? "");
    console.log("model", decision.model ?? "");
    console.log("reason", decision.reason?.code ?? "");
  }
  router.close();
});
