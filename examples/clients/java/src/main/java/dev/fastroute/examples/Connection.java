package dev.fastroute.examples;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptor;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import java.io.File;
import java.io.IOException;
import java.util.Map;

/** Opens channels, and reads the stable code out of errors. */
final class Connection {
  private static final Map<String, String> ENVIRONMENT = System.getenv();
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private Connection() {}

  /**
   * Opens a channel to {@code FASTROUTE_ADDRESS}, with TLS when {@code FASTROUTE_CA} names a file. A program opens one, and
   * shares it.
   */
  static ManagedChannel open() throws IOException {
    String authority = ENVIRONMENT.getOrDefault("FASTROUTE_CA", "");
    ChannelCredentials transport =
        authority.isEmpty()
            ? InsecureChannelCredentials.create()
            : TlsChannelCredentials.newBuilder().trustManager(new File(authority)).build();
    return Grpc.newChannelBuilder(
            ENVIRONMENT.getOrDefault("FASTROUTE_ADDRESS", "127.0.0.1:50051"), transport)
        .build();
  }

  /** Sends the token in {@code FASTROUTE_TOKEN} with every call. */
  static ClientInterceptor bearer() {
    Metadata headers = new Metadata();
    String token = ENVIRONMENT.getOrDefault("FASTROUTE_TOKEN", "");
    if (!token.isEmpty()) {
      headers.put(AUTHORIZATION, "Bearer " + token);
    }
    return MetadataUtils.newAttachHeadersInterceptor(headers);
  }

  /** The stable code of an error, or gRPC's own where no server answered. */
  static String reasonOf(StatusRuntimeException error) {
    try {
      for (Any detail : StatusProto.fromThrowable(error).getDetailsList()) {
        if (detail.is(ErrorInfo.class)) {
          return detail.unpack(ErrorInfo.class).getReason();
        }
      }
    } catch (InvalidProtocolBufferException malformed) {
      error.addSuppressed(malformed);
    }
    return error.getStatus().getCode().name();
  }
}
