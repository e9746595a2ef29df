// Package reconcile compares WeChat Pay's bill of a day with our books: nothing that was paid or
// given back may be known on one side only.
//
// # How a day is compared
//
// The bill is read twice and the books once, and neither is held in memory:
//
//  1. Every row of the bill becomes 32 bytes: the hash of its number, and a print of what else must agree (table.go).
//     At the end the bill's own totals have been checked.
//  2. The orders in which money moved on that day are streamed past. What has the same
//     print is settled; what is not in the table is missing there.
//  3. The bill is read again, and each row that was not settled is compared with its
//     order, as it now stands, field by field (judge.go).
//
// With Options.FundFlow the fund-flow bill of a direct merchant's basic account is read in between (flow.go):
// what moved is added up for each payment and refund of the trade bill, in 32 bytes more a row, and what the third step finds settled must
// have moved. Nothing else of that bill is judged.
//
// A day is a day in China, and success_time says to which one a payment belongs. A refund is in the bill
// of the day on which WeChat Pay accepted it, with the status that it had when the
// bill was made and that the bill never corrects. So the books demand a refund of the bill only when
// it was made and succeeded on the same day; one that spans midnight is looked for when a
// bill has it, and not missed when it does not.
//
// # What becomes of a difference
//
//	        WeChat Pay says so too               a later run finds it changed
//	open ───────────────────────────▶ repaired ──▶ open
//	 │ └── an operator decides ─────▶ resolved ──▶ open
//	 └──── a later run misses it ───▶ vanished ──▶ open
//
// A bill is not believed: an order that it says is paid is asked about at WeChat Pay and goes through
// the same transition as if a notification had come. The difference is then repaired, and stays
// on record. A difference has one id however often it is found, and one that an operator has
// resolved stays so, unless what was found has changed.
//
// Numbers that are not ours are money that we do not know: kind unknown_here, a difference like
// the others. Where another system takes payments with the same merchant number, an operator
// tells them by this kind.
package reconcile
