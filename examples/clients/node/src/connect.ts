// Opens channels, and reads the stable code out of errors.
import { readFileSync } from "node:fs";

import { credentials, Metadata, type ServiceError } from "@grpc/grpc-js";

import { RouterServiceClient } from "./gen/fastroute/v1/router_service.js";
import { ErrorInfo } from "./gen/google/rpc/error_details.js";
import { Status } from "./gen/google/rpc/status.js";

/** Opens a channel to `FASTROUTE_ADDRESS`, with TLS when `FASTROUTE_CA` names a file. A program opens one, and shares it. */
export function connect(): RouterServiceClient {
  const authority = process.env.FASTROUTE_CA;
  return new RouterServiceClient(
    process.env.FASTROUTE_ADDRESS ?? "127.0.0.1:50051",
    authority ? credentials.createSsl(readFileSync(authority)) : credentials.createInsecure(),
  );
}

/** Says who calls. */
export function bearer(token: string | undefined): Metadata {
  const metadata = new Metadata();
  if (token) metadata.set("authorization", `Bearer ${token}`);
  return metadata;
}

/** The stable code of an error, or `undefined` where no server answered. */
export function reasonOf(error: ServiceError): string | undefined {
  const [status] = error.metadata?.get("grpc-status-details-bin") ?? [];
  if (!Buffer.isBuffer(status)) return undefined;
  const info = Status.decode(status).details.find(({ typeUrl }) => typeUrl.endsWith("/google.rpc.ErrorInfo"));
  return info && ErrorInfo.decode(info.value).reason;
}
