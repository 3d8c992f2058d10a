package io.penstock.ingress.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.ingress.ledger.Query;
import io.penstock.ingress.ledger.Report;
import io.penstock.ingress.ledger.Sum;
import io.penstock.schemas.Money;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Map;

/** Writes the ledger. Money is in decimal strings. */
public final class CostsWriter {
  private static final int TOTAL_BYTES = 1024;
  private static final int ROW_BYTES = 384;

  private CostsWriter() {}

  /** The answer to {@code query}. */
  public static byte[] write(Query query, Report report) {
    return Json.write(
        TOTAL_BYTES + ROW_BYTES * report.rows().size(),
        json -> {
          json.writeStartObject();
          json.writeStringField("by", query.by().word());
          if (query.from() != null) {
            json.writeStringField("from", query.from().toString());
          }
          if (query.to() != null) {
            json.writeStringField("to", query.to().toString());
          }
          json.writeStringField("baseline", Report.BASELINE);
          json.writeArrayFieldStart("rows");
          for (Map.Entry<String, Sum> row : report.rows().entrySet()) {
            json.writeStartObject();
            json.writeStringField("key", row.getKey());
            writeSum(json, row.getValue());
            json.writeEndObject();
          }
          json.writeEndArray();
          json.writeObjectFieldStart("total");
          writeSum(json, report.total());
          json.writeObjectFieldStart("avoided_by_cause");
          for (Map.Entry<String, BigInteger> cause : report.avoidedByCause().entrySet()) {
            json.writeStringField(cause.getKey(), Money.toUsd(cause.getValue()));
          }
          json.writeEndObject();
          json.writeEndObject();
          json.writeEndObject();
        });
  }

  private static void writeSum(JsonGenerator json, Sum sum) throws IOException {
    json.writeNumberField("events", sum.events());
    json.writeNumberField("tokens", sum.tokens());
    json.writeNumberField("cached_tokens", sum.cachedTokens());
    json.writeStringField("spent_usd", Money.toUsd(sum.spent()));
    json.writeStringField("avoided_usd", Money.toUsd(sum.avoided()));
    json.writeStringField("baseline_usd", Money.toUsd(sum.baseline()));
    json.writeStringField("estimated_usd", Money.toUsd(sum.estimated()));
    json.writeStringField("orphaned_usd", Money.toUsd(sum.orphaned()));
    json.writeNumberField("unknown_events", sum.unknown());
    json.writeNumberField("unknown_tokens", sum.unknownTokens());
  }
}
