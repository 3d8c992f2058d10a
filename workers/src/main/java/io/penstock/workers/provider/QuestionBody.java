package io.penstock.workers.provider;

import java.io.IOException;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okio.BufferedSink;

/**
 * The body of one call, which knows whether it may have left. Being one-shot it is never sent
 * twice: OkHttp repeats a request by itself after some failures and some statuses, and a repeated
 * question is paid for twice. Only what certainly never left is OkHttp's to repeat.
 */
final class QuestionBody extends RequestBody {
  private static final MediaType JSON = MediaType.get("application/json");

  private final byte[] json;
  private volatile boolean mayHaveLeft;

  QuestionBody(byte[] json) {
    this.json = json;
  }

  /** Whether the provider may have the whole question; half a question is never answered. */
  boolean mayHaveLeft() {
    return mayHaveLeft;
  }

  @Override
  public MediaType contentType() {
    return JSON;
  }

  @Override
  public long contentLength() {
    return json.length;
  }

  @Override
  public boolean isOneShot() {
    return true;
  }

  @Override
  public void writeTo(BufferedSink sink) throws IOException {
    sink.write(json);
    mayHaveLeft = true;
  }
}
