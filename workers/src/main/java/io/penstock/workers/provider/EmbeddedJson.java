package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/** JSON that a request carries as text. */
final class EmbeddedJson {
  private EmbeddedJson() {}

  /**
   * The tree of a text that should be a JSON object.
   *
   * @param where what the requester calls it
   * @throws InexpressibleException when it is none
   */
  static JsonNode object(String json, String where) {
    JsonNode tree = Json.tree(json);
    if (tree == null || !tree.isObject()) {
      throw new InexpressibleException(where + ", which is no JSON object");
    }
    return tree;
  }

  static @Nullable JsonNode objectOrNull(@Nullable String json, String where) {
    return json == null ? null : object(json, where);
  }
}
