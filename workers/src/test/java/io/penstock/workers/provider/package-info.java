@NullMarked
package io.penstock.workers.provider;

import org.jspecify.annotations.NullMarked;
