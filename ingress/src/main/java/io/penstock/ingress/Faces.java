package io.penstock.ingress;

import io.penstock.ingress.anthropic.MessagesFace;
import io.penstock.ingress.face.Face;
import io.penstock.ingress.openai.ChatFace;
import io.penstock.ingress.openai.EmbeddingsFace;
import io.penstock.ingress.own.OwnFace;

/** The APIs in which requests come, and which of them a path belongs to. */
final class Faces {
  static final Face OWN = new OwnFace();
  static final Face CHAT = new ChatFace();
  static final Face EMBEDDINGS = new EmbeddingsFace();
  static final Face MESSAGES = new MessagesFace();

  static final String CHAT_PATH = "/v1/chat/completions";
  static final String EMBEDDINGS_PATH = "/v1/embeddings";
  static final String MESSAGES_PATH = "/v1/messages";

  private Faces() {}

  /** In whose words a caller of this path is told what went wrong before any handler was asked. */
  static Face of(String path) {
    if (path.startsWith(MESSAGES_PATH)) {
      return MESSAGES;
    }
    return path.startsWith(CHAT_PATH) || path.startsWith(EMBEDDINGS_PATH) ? CHAT : OWN;
  }
}
