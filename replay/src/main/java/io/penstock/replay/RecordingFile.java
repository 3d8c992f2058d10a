package io.penstock.replay;

import io.penstock.schemas.avro.Recorded;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.specific.SpecificDatumWriter;

/** An Avro container file of {@link Recorded}: any Avro tool reads it, the schema is inside. */
final class RecordingFile implements AutoCloseable {
  private static final int COMPRESSION = CodecFactory.DEFAULT_DEFLATE_LEVEL;

  private final DataFileWriter<Recorded> writer;

  private RecordingFile(DataFileWriter<Recorded> writer) {
    this.writer = writer;
  }

  static RecordingFile create(Path file) throws IOException {
    var writer = new DataFileWriter<>(new SpecificDatumWriter<>(Recorded.class));
    writer.setCodec(CodecFactory.deflateCodec(COMPRESSION));
    return new RecordingFile(writer.create(Recorded.getClassSchema(), file.toFile()));
  }

  void append(Recorded recorded) throws IOException {
    writer.append(recorded);
  }

  void flush() throws IOException {
    writer.flush();
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }
}
