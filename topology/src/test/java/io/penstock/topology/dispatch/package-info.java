@NullMarked
package io.penstock.topology.dispatch;

import org.jspecify.annotations.NullMarked;
