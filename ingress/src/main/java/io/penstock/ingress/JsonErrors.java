package io.penstock.ingress;

import io.penstock.ingress.face.HttpStatuses;
import io.penstock.ingress.json.ResponseWriter;
import io.penstock.policies.Reason;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * What Jetty replies by itself to what is not right as HTTP, before any route is asked: in our
 * shape, with the status that the protocol asks for.
 */
final class JsonErrors extends ErrorHandler {
  private static final HttpField JSON = new HttpField(HttpHeader.CONTENT_TYPE, "application/json");

  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int status,
      @Nullable String message,
      @Nullable Throwable cause,
      Callback callback) {
    describe(status, response.getHeaders());
    response.write(true, ByteBuffer.wrap(body(status, message)), callback);
  }

  static void describe(int status, HttpFields.Mutable headers) {
    headers.put(JSON);
    if (HttpStatuses.passing(status)) {
      headers.put(Reply.COME_BACK.name(), Reply.COME_BACK.value());
    }
  }

  private static byte[] body(int status, @Nullable String message) {
    return ResponseWriter.failed(
        reason(status).because(message == null ? "HTTP status " + status : message), null);
  }

  private static Reason reason(int status) {
    return switch (status) {
      case 404 -> Reason.NOT_FOUND;
      case 405 -> Reason.METHOD_NOT_ALLOWED;
      case 413 -> Reason.BODY_TOO_LARGE;
      case 503 -> Reason.UNAVAILABLE;
      default -> status < 500 ? Reason.INVALID_VALUE : Reason.INTERNAL_ERROR;
    };
  }
}
