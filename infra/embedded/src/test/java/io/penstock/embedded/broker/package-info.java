@NullMarked
package io.penstock.embedded.broker;

import org.jspecify.annotations.NullMarked;
