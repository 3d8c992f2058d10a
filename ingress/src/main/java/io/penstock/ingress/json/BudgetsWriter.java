package io.penstock.ingress.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.ingress.budgets.Balance;
import io.penstock.schemas.Money;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes balances of budgets. Money is in decimal strings. */
public final class BudgetsWriter {
  private static final int FRAME_BYTES = 64;
  private static final int ROW_BYTES = 384;

  private BudgetsWriter() {}

  public static byte[] write(List<Balance> balances) {
    return Json.write(
        FRAME_BYTES + ROW_BYTES * balances.size(),
        json -> {
          json.writeStartObject();
          json.writeArrayFieldStart("budgets");
          for (Balance balance : balances) {
            write(json, balance);
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  private static void write(JsonGenerator json, Balance balance) throws IOException {
    json.writeStartObject();
    json.writeStringField("tenant", balance.tenant());
    json.writeStringField("key", balance.keyId());
    json.writeStringField("period", balance.period().word());
    json.writeStringField("from", text(balance.window().beginsAt()));
    json.writeStringField("to", text(balance.window().endsAt()));
    json.writeStringField("kind", balance.hard() ? "hard" : "soft");
    json.writeStringField("limit_usd", usd(balance.limit()));
    json.writeStringField("spent_usd", usd(balance.spent()));
    json.writeStringField("reserved_usd", usd(balance.reserved()));
    json.writeStringField("remaining_usd", usd(balance.remaining()));
    json.writeBooleanField("exceeded", balance.exceeded());
    json.writeStringField("as_of", text(balance.asOf()));
    json.writeEndObject();
  }

  private static String usd(long pico) {
    return new Money(pico).toUsd();
  }

  private static @Nullable String text(@Nullable Instant at) {
    return at == null ? null : at.toString();
  }
}
