package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.Limits;
import io.penstock.schemas.avro.Answer;
import java.util.List;

/** Embeddings: what is to be embedded goes, and what comes back is kept, as it is. */
final class OpenAiEmbeddings {
  private OpenAiEmbeddings() {}

  static Question question(Inquiry inquiry) {
    var question = new Question(inquiry);
    String input = inquiry.request().getInput();
    JsonNode tree = input == null ? null : Json.tree(input);
    if (tree == null) {
      throw new InexpressibleException("input, which is no JSON");
    }
    question.body().set("input", tree);
    Extras.add(question);
    return question.allowed();
  }

  static Result read(Question question, JsonNode body) {
    Bill bill = OpenAiAnswer.bill(question, body);
    if (body.hasNonNull("error")) {
      return Refusal.inside(question, body, bill);
    }
    JsonNode data = body.path("data");
    if (!data.isArray() || data.isEmpty()) {
      return Result.Failed.garbled("no embeddings in a complete response", bill);
    }
    String payload = Json.write(data);
    if (payload.length() > Limits.LARGEST_TEXT_BYTES) {
      return OpenAiAnswer.tooLarge(bill);
    }
    return new Result.Answered(
        new Answer("", "stop", List.of(), null, null, null, question.dropped(), List.of(), payload),
        bill.usage() != null ? bill : bill.counted(TokenCount.of(question.inquiry(), null, "")));
  }
}
