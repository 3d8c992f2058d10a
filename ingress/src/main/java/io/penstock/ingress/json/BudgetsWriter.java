package io.penstock.ingress.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.ingress.budgets.Standing;
import io.penstock.schemas.Money;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes how budgets stand. Money is in decimal strings. */
public final class BudgetsWriter {
  private static final int FRAME_BYTES = 64;
  private static final int ROW_BYTES = 384;

  private BudgetsWriter() {}

  public static byte[] write(List<Standing> standings) {
    return Json.write(
        FRAME_BYTES + ROW_BYTES * standings.size(),
        json -> {
          json.writeStartObject();
          json.writeArrayFieldStart("budgets");
          for (Standing standing : standings) {
            write(json, standing);
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  private static void write(JsonGenerator json, Standing standing) throws IOException {
    json.writeStartObject();
    json.writeStringField("tenant", standing.tenant());
    json.writeStringField("key", standing.keyId());
    json.writeStringField("period", standing.period().word());
    json.writeStringField("from", text(standing.window().beginsAt()));
    json.writeStringField("to", text(standing.window().endsAt()));
    json.writeStringField("kind", standing.hard() ? "hard" : "soft");
    json.writeStringField("limit_usd", usd(standing.limit()));
    json.writeStringField("spent_usd", usd(standing.spent()));
    json.writeStringField("reserved_usd", usd(standing.reserved()));
    json.writeStringField("remaining_usd", usd(standing.remaining()));
    json.writeBooleanField("exceeded", standing.exceeded());
    json.writeStringField("as_of", text(standing.asOf()));
    json.writeEndObject();
  }

  private static String usd(long pico) {
    return new Money(pico).toUsd();
  }

  private static @Nullable String text(@Nullable Instant at) {
    return at == null ? null : at.toString();
  }
}
