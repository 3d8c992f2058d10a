@NullMarked
package io.penstock.topology.gate;

import org.jspecify.annotations.NullMarked;
