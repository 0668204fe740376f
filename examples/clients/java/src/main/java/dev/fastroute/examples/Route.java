package dev.fastroute.examples;

import dev.fastroute.v1.Decision;
import dev.fastroute.v1.RouteRequest;
import dev.fastroute.v1.RouterServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * Asks a fastroute server where a text should go.
 *
 * <p>{@code FASTROUTE_ADDRESS} names the server (127.0.0.1:50051 when unset), {@code FASTROUTE_TOKEN} is the caller's token, and
 * {@code FASTROUTE_CA} a file with the certificate authority of a server that speaks TLS.
 */
public final class Route {
  private Route() {}

  public static void main(String[] arguments) throws IOException {
    if (arguments.length == 0) {
      System.err.println("usage: mvn -q compile exec:java -Dexec.args=TEXT…");
      System.exit(2);
    }
    ManagedChannel channel = Connection.open();
    try {
      RouterServiceGrpc.RouterServiceBlockingStub router =
          RouterServiceGrpc.newBlockingStub(channel).withInterceptors(Connection.bearer());
      RouteRequest request =
          RouteRequest.newBuilder().setText(String.join(" ", arguments)).build();
      Decision decision =
          router.withDeadlineAfter(2, TimeUnit.SECONDS).route(request).getDecision();
      System.out.println("outcome " + decision.getOutcome());
      System.out.println("route " + decision.getRoute());
      System.out.println("model " + decision.getModel());
      System.out.println("reason " + decision.getReason().getCode());
    } catch (StatusRuntimeException error) {
      System.err.printf("route: %s [%s]%n", error.getStatus().getDescription(), Connection.reasonOf(error));
      System.exit(1);
    } finally {
      channel.shutdownNow();
    }
  }
}
