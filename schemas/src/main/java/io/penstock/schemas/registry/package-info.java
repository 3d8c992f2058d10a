/** Schema ids: the registry port, its HTTP client, and what can go wrong. */
@NullMarked
package io.penstock.schemas.registry;

import org.jspecify.annotations.NullMarked;
