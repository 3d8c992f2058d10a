@NullMarked
package io.penstock.policies.gate;

import org.jspecify.annotations.NullMarked;
