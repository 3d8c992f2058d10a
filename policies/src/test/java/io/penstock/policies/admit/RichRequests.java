package io.penstock.policies.admit;

import static io.penstock.policies.ARequest.aRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.ARequest;
import io.penstock.policies.admit.Admission.Verdict;
import io.penstock.policies.route.ModelDirectory;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.ImagePart;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Message;
import io.penstock.schemas.avro.Options;
import io.penstock.schemas.avro.ResponseFormat;
import io.penstock.schemas.avro.TextPart;
import io.penstock.schemas.avro.Tool;
import io.penstock.schemas.avro.ToolCall;
import io.penstock.schemas.avro.ToolChoice;
import io.penstock.schemas.avro.ToolResult;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Words for requests with tools, images and formats, and what admission says to them. */
final class RichRequests {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  private static final Admission ADMISSION =
      new Admission(Admission.DEFAULT_DEADLINES, new ModelDirectory(Map.of("m", "p"), "m"), 1);
  static final Tool WEATHER = tool("weather", "{\"type\":\"object\"}");

  private RichRequests() {}

  static Verdict judged(ARequest request) {
    return judged(request.build());
  }

  private static Verdict judged(InferenceRequest request) {
    return ADMISSION.judge(request, Lane.STANDARD, NOON, NOON);
  }

  static Failure refused(ARequest request) {
    return failure(request.build());
  }

  static Failure failure(InferenceRequest request) {
    Verdict verdict = judged(request);
    assertThat(verdict).isInstanceOf(Verdict.Refused.class);
    return ((Verdict.Refused) verdict).failure();
  }

  static ARequest said(String role, Object... parts) {
    return aRequest().then(turn(role, parts));
  }

  static Message turn(String role, Object... parts) {
    return new Message(role, "", null, List.of(parts));
  }

  static ARequest wishing(Options.Builder options) {
    return aRequest().with(options.build());
  }

  static TextPart text(String text) {
    return new TextPart(text, null);
  }

  static ImagePart image(String url) {
    return new ImagePart(url, null, null);
  }

  static ToolCall call(String id, String name) {
    return new ToolCall(id, name, "{}", null);
  }

  static ToolResult result(String callId, String text) {
    return new ToolResult(callId, List.of(text(text)), false, null);
  }

  static Tool tool(String name, @Nullable String parameters) {
    return new Tool(name, null, parameters, null, null, null);
  }

  static Tool raw(String json) {
    return new Tool("", null, null, null, null, json);
  }

  static ToolChoice named(@Nullable String name) {
    return new ToolChoice("tool", name);
  }

  static Options.Builder tools(Tool... tools) {
    return Options.newBuilder().setTools(List.of(tools));
  }

  static Options.Builder format(String type, @Nullable String schema) {
    return Options.newBuilder()
        .setResponseFormat(new ResponseFormat(type, null, schema, null, null));
  }
}
