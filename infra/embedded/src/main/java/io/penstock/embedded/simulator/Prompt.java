package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A prompt as the simulator counts and caches it: a row of four-byte tokens, in the order in which
 * providers build prefixes (tools, system, messages).
 *
 * <p>The token counter is deliberately simple: each text has ⌈bytes of UTF-8 / 4⌉ tokens, and each
 * message {@link #TOKENS_PER_MESSAGE} more for its role. The last token of a text is padded, so
 * that tokens and bytes always line up.
 */
final class Prompt {
  static final int BYTES_PER_TOKEN = 4;
  static final int TOKENS_PER_MESSAGE = 4;

  /** What an image counts, whatever its size. */
  static final int IMAGE_TOKENS = 765;

  /** What an image counts whose details do not matter to the caller. */
  static final int SMALL_IMAGE_TOKENS = 85;

  private final byte[] bytes;
  private final List<Place> ends;

  private Prompt(byte[] bytes, List<Place> ends) {
    this.bytes = bytes;
    this.ends = List.copyOf(ends);
  }

  /**
   * A place in a prompt where a prefix can end.
   *
   * @param kept how long the caller asks the prefix to be kept; null where it asks for nothing
   */
  record Place(int tokens, @Nullable Duration kept) {}

  /** Tokens of a text on its own, with nothing for a role. */
  static int tokens(String text) {
    return tokens(text.getBytes(StandardCharsets.UTF_8).length);
  }

  static int tokens(int bytes) {
    return (bytes + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN;
  }

  int tokens() {
    return bytes.length / BYTES_PER_TOKEN;
  }

  /** Where each tool, system text and content block ends. */
  List<Place> ends() {
    return ends;
  }

  /** What the answer to this prompt depends on. */
  long seed(String model) {
    return Digest.of(model, bytes);
  }

  /** What tells each text of this prompt from other texts, wherever it stands. */
  List<Long> hashes(String model) {
    List<Long> hashes = new ArrayList<>(ends.size());
    int from = 0;
    for (Place end : ends) {
      int to = end.tokens() * BYTES_PER_TOKEN;
      hashes.add(Digest.of(model, Arrays.copyOfRange(bytes, from, to)));
      from = to;
    }
    return hashes;
  }

  /** The prefixes of this prompt for a model that end at {@code places}, shortest first. */
  List<Prefix> prefixes(String model, List<Place> places, Duration keptUnlessAsked) {
    List<Prefix> prefixes = new ArrayList<>(places.size());
    long link = Digest.of(model, new byte[0]);
    int from = 0;
    for (Place place : places) {
      int to = place.tokens() * BYTES_PER_TOKEN;
      link = Digest.link(link, bytes, from, to);
      from = to;
      prefixes.add(
          new Prefix(
              link, place.tokens(), Objects.requireNonNullElse(place.kept(), keptUnlessAsked)));
    }
    return prefixes;
  }

  /** Builds a prompt in order; for one thread. */
  static final class Builder {
    private final ByteArrayOutputStream tokens = new ByteArrayOutputStream();
    private final List<Place> ends = new ArrayList<>();

    /** Begins a message; its texts follow. */
    Builder role(String role) {
      append(role.getBytes(StandardCharsets.UTF_8), TOKENS_PER_MESSAGE * BYTES_PER_TOKEN);
      return this;
    }

    /**
     * Adds a text, after which a prefix may end.
     *
     * @param kept as in {@link Place}
     */
    Builder text(String text, @Nullable Duration kept) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      append(utf8, Prompt.tokens(utf8.length) * BYTES_PER_TOKEN);
      ends.add(new Place(tokens.size() / BYTES_PER_TOKEN, kept));
      return this;
    }

    /** Adds a text that is given as numbers of tokens. */
    Builder numbers(JsonNode numbers) {
      ByteBuffer bytes = ByteBuffer.allocate(numbers.size() * BYTES_PER_TOKEN);
      numbers.forEach(number -> bytes.putInt(number.asInt()));
      append(bytes.array(), bytes.capacity());
      ends.add(new Place(tokens.size() / BYTES_PER_TOKEN, null));
      return this;
    }

    /**
     * Adds an image, after which a prefix may end.
     *
     * @param description what tells it from other images
     * @param kept as in {@link Place}
     */
    Builder image(String description, int count, @Nullable Duration kept) {
      long hash = Digest.of("image", description.getBytes(StandardCharsets.UTF_8));
      append(ByteBuffer.allocate(Long.BYTES).putLong(hash).array(), count * BYTES_PER_TOKEN);
      ends.add(new Place(tokens.size() / BYTES_PER_TOKEN, kept));
      return this;
    }

    /** Asks that the prefix up to here be kept, unless it is asked for already. */
    Builder keepAll(Duration kept) {
      if (!ends.isEmpty() && ends.getLast().kept() == null) {
        ends.add(new Place(ends.removeLast().tokens(), kept));
      }
      return this;
    }

    List<Duration> asked() {
      List<Duration> asked = new ArrayList<>();
      for (Place place : ends) {
        if (place.kept() != null) {
          asked.add(place.kept());
        }
      }
      return asked;
    }

    Prompt build() {
      return new Prompt(tokens.toByteArray(), ends);
    }

    private void append(byte[] utf8, int width) {
      int kept = Math.min(utf8.length, width);
      tokens.write(utf8, 0, kept);
      for (int padding = kept; padding < width; padding++) {
        tokens.write(0);
      }
    }
  }
}
