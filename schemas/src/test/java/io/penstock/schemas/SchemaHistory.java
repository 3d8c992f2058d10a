package io.penstock.schemas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.Incompatibility;

/**
 * The versions of one record that have been published, oldest first: what may still lie in a topic
 * or a store. They are files, {@code <record>/1.avsc} and on.
 */
final class SchemaHistory {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;
  private final List<Schema> versions;

  private SchemaHistory(Path folder, List<Schema> versions) {
    this.folder = folder;
    this.versions = versions;
  }

  static SchemaHistory read(Path root, String record) throws IOException {
    Path folder = root.resolve(record);
    var versions = new ArrayList<Schema>();
    for (Path file = file(folder, 1);
        Files.exists(file);
        file = file(folder, versions.size() + 1)) {
      versions.add(new Schema.Parser().parse(Files.readString(file)));
    }
    return new SchemaHistory(folder, versions);
  }

  private static Path file(Path folder, int version) {
    return folder.resolve(version + ".avsc");
  }

  /** Where the next version belongs. */
  Path next() {
    return file(folder, versions.size() + 1);
  }

  /** Whether the newest version is this schema to the letter, its documentation included. */
  boolean endsWith(Schema current) {
    return !versions.isEmpty() && versions.getLast().toString().equals(current.toString());
  }

  void add(Schema current) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(next(), JSON.readTree(current.toString()).toPrettyString() + "\n");
    versions.add(current);
  }

  /** Why data of some version could not be read any more, each with field and remedy. */
  List<String> objections(Schema current) throws IOException {
    var objections = new ArrayList<String>();
    for (int i = 0; i < versions.size(); i++) {
      var result =
          SchemaCompatibility.checkReaderWriterCompatibility(current, versions.get(i)).getResult();
      for (Incompatibility found : result.getIncompatibilities()) {
        objections.add(
            "%s cannot read data of its version %d: field %s: %s; %s"
                .formatted(
                    current.getName(),
                    i + 1,
                    field(current, found.getLocation()),
                    found.getMessage(),
                    remedy(found)));
      }
    }
    return objections;
  }

  /** The names of the fields on the way to a place in the reader's schema. */
  private static String field(Schema reader, String location) throws IOException {
    JsonNode at = JSON.readTree(reader.toString());
    var names = new ArrayList<String>();
    for (String step : location.substring(1).split("/", -1)) {
      at = at.isArray() ? at.path(Integer.parseInt(step)) : at.path(step);
      if (at.isObject() && at.has("name") && !at.has("fields") && !at.has("symbols")) {
        names.add(at.path("name").asText());
      }
    }
    return names.isEmpty() ? location : String.join(".", names);
  }

  private static String remedy(Incompatibility found) {
    return switch (found.getType()) {
      case READER_FIELD_MISSING_DEFAULT_VALUE -> "give the new field a default";
      case TYPE_MISMATCH -> "keep the type, and add a new field for the new one";
      case MISSING_UNION_BRANCH -> "keep every branch of the union";
      case MISSING_ENUM_SYMBOLS -> "keep every symbol of the enum";
      case NAME_MISMATCH -> "keep the name, or give the new one an alias";
      case FIXED_SIZE_MISMATCH -> "keep the size";
    };
  }
}
