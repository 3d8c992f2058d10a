/** When a provider's prefix cache is worth a write, and where the prefix ends. */
@NullMarked
package io.penstock.policies.prefix;

import org.jspecify.annotations.NullMarked;
