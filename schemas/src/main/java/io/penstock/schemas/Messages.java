package io.penstock.schemas;

import io.penstock.schemas.avro.Message;
import io.penstock.schemas.avro.TextPart;
import java.util.List;

/** Turns of a conversation. */
public final class Messages {
  private Messages() {}

  /** A turn that is one plain text. */
  public static Message text(String role, String content) {
    return new Message(role, content, null, List.of());
  }

  /** All text of a turn that its speaker wrote, without what tools brought back. */
  public static String textOf(Message message) {
    if (message.getParts().isEmpty()) {
      return message.getContent();
    }
    var text = new StringBuilder();
    for (Object part : message.getParts()) {
      if (part instanceof TextPart words) {
        text.append(words.getText());
      }
    }
    return text.toString();
  }
}
