package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The last calls with their bodies, in bounded memory: at most {@link #MOST} calls and, apart from
 * the newest, {@link #MOST_BYTES} of bodies. For any thread.
 */
final class RecentCalls {
  static final int MOST = 100;
  static final int MOST_BYTES = 8 * 1024 * 1024;

  private final ArrayDeque<Call> newestFirst = new ArrayDeque<>();
  private long bytes;

  /** One call; shows how it stands at the moment of asking. */
  static final class Call {
    private final long number;
    private final String path;
    private final Map<String, String> headers;
    private final byte[] body;
    private volatile @Nullable String model;
    private volatile @Nullable Integer status;
    private volatile String outcome = "in_flight";

    private Call(long number, String path, Map<String, String> headers, byte[] body) {
      this.number = number;
      this.path = path;
      this.headers = headers;
      this.body = body;
    }

    void names(String model) {
      this.model = model;
    }

    /** An HTTP status goes out; a call that is dropped has none. */
    void answeredWith(int code) {
      status = code;
    }

    void ended(Ending ending) {
      outcome = ending.word();
    }

    private ObjectNode toJson() {
      ObjectNode json = Json.MAPPER.createObjectNode();
      json.put("number", number);
      json.put("path", path);
      json.put("model", model);
      json.put("status", status);
      json.put("outcome", outcome);
      json.set("headers", Json.MAPPER.valueToTree(headers));
      JsonNode spelled =
          Json.read(body).orElseGet(() -> new TextNode(new String(body, StandardCharsets.UTF_8)));
      json.set("body", spelled);
      return json;
    }
  }

  /** Remembers a call that came in, with the headers that may be shown. */
  Call opened(long number, String path, Map<String, String> headers, byte[] body) {
    Call call = new Call(number, path, headers, body);
    synchronized (this) {
      newestFirst.addFirst(call);
      bytes += body.length;
      while (newestFirst.size() > MOST || (bytes > MOST_BYTES && newestFirst.size() > 1)) {
        bytes -= newestFirst.removeLast().body.length;
      }
    }
    return call;
  }

  synchronized void clear() {
    newestFirst.clear();
    bytes = 0;
  }

  /** Newest first. */
  ArrayNode toJson() {
    ArrayNode json = Json.MAPPER.createArrayNode();
    snapshot().forEach(call -> json.add(call.toJson()));
    return json;
  }

  private synchronized List<Call> snapshot() {
    return List.copyOf(newestFirst);
  }
}
