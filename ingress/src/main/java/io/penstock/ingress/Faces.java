package io.penstock.ingress;

import io.penstock.ingress.anthropic.MessagesFace;
import io.penstock.ingress.face.Face;
import io.penstock.ingress.openai.ChatFace;
import io.penstock.ingress.openai.EmbeddingsFace;
import io.penstock.ingress.own.OwnFace;
import java.util.List;

/** The APIs in which requests come, and which of them a path belongs to. */
final class Faces {
  static final Face OWN = new OwnFace();
  static final Face CHAT = new ChatFace();
  static final Face EMBEDDINGS = new EmbeddingsFace();
  static final Face MESSAGES = new MessagesFace();

  static final String CHAT_PATH = "/v1/chat/completions";
  static final String EMBEDDINGS_PATH = "/v1/embeddings";
  static final String MESSAGES_PATH = "/v1/messages";
  static final String FILES_PATH = "/v1/files";
  static final String BATCHES_PATH = "/v1/batches";

  private static final List<String> OPENAI =
      List.of(CHAT_PATH, EMBEDDINGS_PATH, FILES_PATH, BATCHES_PATH);

  private Faces() {}

  /** In whose words a caller of this path is told what went wrong before any handler was asked. */
  static Face of(String path) {
    if (path.startsWith(MESSAGES_PATH)) {
      return MESSAGES;
    }
    return OPENAI.stream().anyMatch(path::startsWith) ? CHAT : OWN;
  }
}
