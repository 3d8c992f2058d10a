package io.penstock.ingress.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.policies.Reason;
import io.penstock.policies.route.ModelDirectory;
import io.penstock.schemas.Messages;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.CacheControl;
import io.penstock.schemas.avro.Dialect;
import io.penstock.schemas.avro.Endpoint;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Message;
import io.penstock.schemas.avro.Options;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one inference request, read from the parser of a larger document. Every field is
 * looked at before anything is refused, so that a caller hears of all unknown ones at once; of the
 * other faults, the first.
 */
final class RequestFields {
  /** Where a caller says what it wants, if not in {@link #MESSAGES}. */
  static final String PROMPT = "prompt";

  static final String MESSAGES = "messages";

  private static final Set<String> FIELDS =
      Set.of(
          PROMPT,
          MESSAGES,
          "model",
          "max_tokens",
          "temperature",
          "priority",
          "use_cache",
          "cache",
          "deadline_ms",
          "metadata",
          "service_tier",
          "stream");

  /** Beside its role: what is read as a tree, because it has parts or names something. */
  private static final Set<String> OF_A_TURN =
      Set.of("content", "name", "tool_calls", "tool_call_id", "reasoning_content", "refusal");

  private final JsonParser json;
  private final Faults faults;
  private final String path;
  private final Room room;

  private @Nullable String prompt;
  private @Nullable List<Message> messages;
  private String model = ModelDirectory.AUTO;
  private @Nullable Integer maxTokens;
  private @Nullable Double temperature;
  private @Nullable Lane lane;
  private @Nullable Boolean useCache;
  private @Nullable CacheControl cache;
  private @Nullable Duration deadline;
  private Map<String, String> metadata = Map.of();
  private @Nullable String serviceTier;
  private boolean stream;
  private @Nullable ObjectNode options;

  /**
   * @param json at the start of the request's object; afterwards at its end
   * @param path what to put before the names of fields
   * @param room for what is read as a tree
   */
  RequestFields(JsonParser json, String path, Room room) {
    this.json = json;
    this.faults = new Faults(path);
    this.path = path;
    this.room = room;
  }

  Reading<InferenceBody> read() throws IOException {
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String field = json.currentName();
      // Many clients write null for what they leave out.
      if (json.nextToken() != JsonToken.VALUE_NULL || !isKnown(field)) {
        read(field);
      }
    }
    var first = faults.first();
    if (first != null) {
      return new Reading.Refused<>(first);
    }
    return body();
  }

  private static boolean isKnown(String field) {
    return FIELDS.contains(field) || OptionFields.NAMES.contains(field);
  }

  private void read(String field) throws IOException {
    switch (field) {
      case PROMPT -> prompt = text(field);
      case MESSAGES -> messages = messages();
      case "model" -> model = orElse(text(field), model);
      case "max_tokens" -> maxTokens = count(field);
      case "temperature" -> temperature = number(field);
      case "priority" -> lane = lane(field);
      case "use_cache" -> useCache = truth(field);
      case "cache" -> cache(field);
      case "service_tier" -> serviceTier = text(field);
      case "stream" -> stream = truth(field);
      case "deadline_ms" -> deadline = deadline(field);
      case "metadata" -> metadata = metadata(field);
      case String known when OptionFields.NAMES.contains(known) -> {
        options = options == null ? Tree.newObject() : options;
        options.set(field, Tree.value(json, room, faults, field));
      }
      default -> {
        faults.unknown(field);
        json.skipChildren();
      }
    }
  }

  private void cache(String field) throws IOException {
    String directives = text(field);
    if (directives == null) {
      return;
    }
    switch (CacheDirectives.read(directives, path + field)) {
      case Reading.Refused<CacheDirectives>(Failure failure) -> faults.add(failure);
      case Reading.Read<CacheDirectives>(CacheDirectives read) -> {
        useCache = read.off() ? Boolean.FALSE : useCache;
        cache = read.control();
      }
    }
  }

  private Reading<InferenceBody> body() {
    if (prompt != null && messages != null) {
      return refused(Reason.INVALID_VALUE, "send either prompt or messages, not both", MESSAGES);
    }
    if (prompt == null && messages == null) {
      return refused(Reason.MISSING_FIELD, "send prompt, or messages", PROMPT);
    }
    var fields = options == null ? null : new Fields(options, "", faults);
    var question =
        new Question(
            Dialect.PENSTOCK,
            Endpoint.CHAT,
            model,
            prompt == null ? orElse(messages, List.of()) : List.of(Messages.text("user", prompt)),
            null,
            maxTokens,
            temperature,
            fields == null ? null : options(fields),
            null,
            serviceTier);
    return faults.or(
        new InferenceBody(
            question,
            prompt == null ? MESSAGES : PROMPT,
            new Wishes(lane, useCache, deadline, cache, metadata),
            stream ? InferenceBody.Streaming.YES : InferenceBody.Streaming.NO));
  }

  private static @Nullable Options options(Fields fields) {
    var read = OptionFields.read(fields);
    fields.refuseRest(); // a choice or a format in words that are not ours
    return read;
  }

  private Reading<InferenceBody> refused(Reason reason, String message, String field) {
    faults.add(reason, message, field);
    return new Reading.Refused<>(orElse(faults.first(), reason.because(message, field)));
  }

  private List<Message> messages() throws IOException {
    if (!is(JsonToken.START_ARRAY, MESSAGES, "an array of {role, content}")) {
      return List.of();
    }
    var read = new ArrayList<Message>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      read.add(message(MESSAGES + "[" + read.size() + "]"));
    }
    return read;
  }

  private Message message(String at) throws IOException {
    String role = null;
    String content = null;
    ObjectNode more = null;
    boolean nothing = false;
    if (!is(JsonToken.START_OBJECT, at, "an object with role and content")) {
      return Messages.text("", "");
    }
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String field = json.currentName();
      JsonToken value = json.nextToken();
      if (field.equals("role")) {
        role = orElse(text(at + ".role"), "");
      } else if (field.equals("content") && value == JsonToken.VALUE_STRING) {
        content = orElse(text(at + ".content"), "");
      } else if (field.equals("content") && value == JsonToken.VALUE_NULL) {
        nothing = true; // as beside tool calls
      } else if (OF_A_TURN.contains(field)) {
        more = more == null ? Tree.newObject() : more;
        more.set(field, Tree.value(json, room, faults, at + "." + field));
      } else {
        faults.unknown(at + "." + field);
        json.skipChildren();
      }
    }
    if (more != null) {
      more.put("role", role);
      if (content != null) {
        more.put("content", content);
      }
      return new Turns(Turns.Unknown.REFUSED).turn(new Fields(more, at + ".", faults));
    }
    if (nothing) {
      faults.add(
          Reason.WRONG_TYPE, at + ".content must be a string or a list of parts", at + ".content");
      return Messages.text("", "");
    }
    if (role == null || content == null) {
      String missing = at + (role == null ? ".role" : ".content");
      faults.add(Reason.MISSING_FIELD, "every message has a role and a content", missing);
      return Messages.text("", "");
    }
    return Messages.text(role, content);
  }

  private @Nullable Lane lane(String field) throws IOException {
    String word = text(field);
    if (word == null) {
      return null;
    }
    for (Lane known : Lane.values()) {
      if (Topics.word(known).equals(word)) {
        return known;
      }
    }
    faults.add(
        Reason.UNKNOWN_LANE,
        "priority is express, standard or batch; it was \"" + Faults.excerpt(word) + "\"",
        field);
    return null;
  }

  private @Nullable Duration deadline(String field) throws IOException {
    if (!is(JsonToken.VALUE_NUMBER_INT, field, "a whole number of milliseconds")) {
      return null;
    }
    if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      faults.add(
          Reason.INVALID_DEADLINE,
          "the deadline must lie between 1 ms and 24 h after the request; it has more digits than"
              + " that",
          field);
      return null;
    }
    return Duration.ofMillis(json.getLongValue());
  }

  private Map<String, String> metadata(String field) throws IOException {
    if (!is(JsonToken.START_OBJECT, field, "an object of strings")) {
      return Map.of();
    }
    var read = new HashMap<String, String>();
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String name = json.currentName();
      json.nextToken();
      String at = field + "." + name;
      whole(name, at);
      read.put(name, orElse(text(at), ""));
    }
    return read;
  }

  private boolean truth(String field) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_FALSE) {
      is(JsonToken.VALUE_TRUE, field, "true or false");
      return true;
    }
    return false;
  }

  private @Nullable Integer count(String field) throws IOException {
    if (!is(JsonToken.VALUE_NUMBER_INT, field, "a whole number")) {
      return null;
    }
    if (json.getNumberType() != JsonParser.NumberType.INT) {
      faults.add(Reason.INVALID_VALUE, field + " is beyond " + Integer.MAX_VALUE, field);
      return null;
    }
    return json.getIntValue();
  }

  private @Nullable Double number(String field) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_NUMBER_INT
        || is(JsonToken.VALUE_NUMBER_FLOAT, field, "a number")) {
      return json.getDoubleValue();
    }
    return null;
  }

  private @Nullable String text(String field) throws IOException {
    if (!is(JsonToken.VALUE_STRING, field, "a string")) {
      return null;
    }
    return whole(json.getText(), field);
  }

  /** Half a surrogate pair is no character: it would be sent on as a question mark. */
  private String whole(String text, String field) {
    int half = Texts.firstHalfCharacter(text);
    if (half >= 0) {
      faults.add(
          Reason.INVALID_VALUE,
          "half a surrogate pair at character " + (half + 1) + ": no Unicode text",
          field);
    }
    return text;
  }

  /** Whether the value is of this kind; else it is passed over and remembered as a fault. */
  private boolean is(JsonToken kind, String field, String wanted) throws IOException {
    if (json.currentToken() == kind) {
      return true;
    }
    faults.add(Reason.WRONG_TYPE, Faults.excerpt(field) + " must be " + wanted, field);
    json.skipChildren();
    return false;
  }

  private static <T> T orElse(@Nullable T value, T other) {
    return value == null ? other : value;
  }
}
