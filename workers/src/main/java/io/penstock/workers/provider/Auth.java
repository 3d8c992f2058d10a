package io.penstock.workers.provider;

/** Where a provider wants its key. */
public sealed interface Auth {

  /** In the header {@code Authorization}, as a bearer's token. */
  record Bearer() implements Auth {}

  /** In a header of its own, bare. */
  record Header(String name) implements Auth {}

  /** In the query of the URL. */
  record Query(String name) implements Auth {}

  /** Nowhere: a key is not sent, even if there is one. */
  record None() implements Auth {}

  /**
   * Reads {@code bearer}, {@code header:<name>}, {@code query:<name>} or {@code none}.
   *
   * @throws IllegalArgumentException when it is none of them
   */
  static Auth parse(String word) {
    int colon = word.indexOf(':');
    String name = word.substring(colon + 1).strip();
    String kind = colon < 0 ? word : word.substring(0, colon);
    if (colon < 0 && kind.equals("bearer")) {
      return new Bearer();
    }
    if (colon < 0 && kind.equals("none")) {
      return new None();
    }
    if (colon > 0 && !name.isEmpty() && kind.equals("header")) {
      return new Header(name);
    }
    if (colon > 0 && !name.isEmpty() && kind.equals("query")) {
      return new Query(name);
    }
    throw new IllegalArgumentException(
        "\""
            + word
            + "\" is no way to send a key: write bearer, header:<name>, query:<name> or none");
  }
}
