// Package bill reads the bills of WeChat Pay: trade bills of the types ALL, SUCCESS and
// REFUND, and fund-flow bills (PROTOCOL §2.7). Rows are streamed, memory does not grow
// with the bill.
//
// The columns are found by their names in the header. They differ by type of bill, by
// merchant and by year, so unknown ones are skipped, and of those that changed their name all names
// are known. Each cell of a row begins with a backtick, which also separates it from a
// comma in the cell before. Amounts are in yuan; they become fen without floating point.
//
// A bill ends with its own totals. A bill whose rows do not add up to them, or that ends
// before them, is refused as a whole at its end: who reads rows must not act on them before.
// Errors name the line and the column, and never what stands there.
package bill
