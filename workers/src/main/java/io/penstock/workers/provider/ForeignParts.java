package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Parts of a turn that only one API knows, put into the words of the other where it has some. */
final class ForeignParts {
  private static final String PDF = "application/pdf";

  private ForeignParts() {}

  /**
   * @throws InexpressibleException when OpenAI has no words for it
   */
  static JsonNode toOpenAi(JsonNode part, String where) {
    JsonNode source = part.path("source");
    if (Json.textOrEmpty(part, "type").equals("document")) {
      switch (Json.textOrEmpty(source, "type")) {
        case "text" -> {
          return text(Json.textOrEmpty(source, "data"));
        }
        case "base64" -> {
          ObjectNode written = Json.object().put("type", "file");
          String title = Json.text(part, "title");
          written
              .putObject("file")
              .put("filename", title == null ? "document.pdf" : title)
              .put(
                  "file_data",
                  "data:"
                      + Json.textOrEmpty(source, "media_type")
                      + ";base64,"
                      + Json.textOrEmpty(source, "data"));
          return written;
        }
        default -> {}
      }
    }
    throw inexpressible(part, where);
  }

  /**
   * @throws InexpressibleException when Anthropic has no words for it
   */
  static ObjectNode toAnthropic(JsonNode part, String where) {
    return switch (Json.textOrEmpty(part, "type")) {
      case "refusal" -> text(Json.textOrEmpty(part, "refusal"));
      case "file" -> {
        JsonNode file = part.path("file");
        DataUrl data = DataUrl.parse(Json.textOrEmpty(file, "file_data"));
        if (data == null || !data.mediaType().equals(PDF)) {
          throw inexpressible(part, where);
        }
        ObjectNode document = Json.object().put("type", "document");
        document.set("source", data.source());
        String name = Json.text(file, "filename");
        yield name == null ? document : document.put("title", name);
      }
      default -> throw inexpressible(part, where);
    };
  }

  private static ObjectNode text(String text) {
    return Json.object().put("type", "text").put("text", text);
  }

  private static InexpressibleException inexpressible(JsonNode part, String where) {
    return new InexpressibleException(where + ": a part of type " + Json.textOrEmpty(part, "type"));
  }
}
