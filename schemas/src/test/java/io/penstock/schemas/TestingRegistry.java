package io.penstock.schemas;

import io.penstock.schemas.registry.RegistryException;
import io.penstock.schemas.registry.SchemaRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Schema;

/** The least that is a registry: ids count from 1 in the order in which schemas come. */
final class TestingRegistry implements SchemaRegistry {
  private final List<Schema> schemas = new ArrayList<>();
  private final Map<String, Schema> subjects = new TreeMap<>();

  @Override
  public int register(String subject, Schema schema) {
    subjects.put(subject, schema);
    if (!schemas.contains(schema)) {
      schemas.add(schema);
    }
    return schemas.indexOf(schema) + 1;
  }

  @Override
  public Schema byId(int id) {
    if (id < 1 || id > schemas.size()) {
      throw new RegistryException.NotFound("no schema has id " + id);
    }
    return schemas.get(id - 1);
  }

  /** What was registered last, by subject. */
  Map<String, Schema> subjects() {
    return subjects;
  }

  @Override
  public void close() {}
}
