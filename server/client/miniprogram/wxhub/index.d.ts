/** wxhub for mini-programs. Amounts are integer fen, times RFC 3339. */

/** Where wxhub is, and which mini-program this is. */
export interface Options {
  /** The public_url of your wxhub. Its host must be a request domain (request 合法域名) of the mini-program. */
  url: string;
  /** The mini-program's appid; by itself the one that runs. */
  appId?: string;
  /** What to use as wx: login, request, requestPayment and the rest. WeChat's own by itself; for the sandbox and tests. */
  wx?: object;
}

export interface Identity {
  app_id: string;
  kind: 'mini_program' | 'official_account' | 'website' | 'mobile_app';
  open_id: string;
}

export interface User {
  id: string;
  union_id?: string;
  /** Bare in mainland China, with the country's code elsewhere. */
  phone?: string;
  identities: Identity[];
  created_at: string;
  erased_at?: string;
}

export interface Session {
  /** Goes out as Authorization: Bearer; request does that. */
  token: string;
  user: User;
  /** The user was made by this very login. */
  newUser: boolean;
}

export interface Payment {
  id: string;
  out_trade_no: string;
  method: 'mini_program' | 'official_account' | 'native' | 'h5' | 'app' | 'code';
  status: 'created' | 'pending' | 'paid' | 'duplicate' | 'late' | 'closed' | 'failed' | 'reversing';
  /** WeChat Pay's number of the payment. */
  transaction_id?: string;
  paid_at?: string;
}

export interface Order {
  id: string;
  status: 'created' | 'pending' | 'paid' | 'partially_refunded' | 'refunded' | 'closed';
  /** Fen. */
  amount: number;
  currency: string;
  /** Fen. */
  amount_refunded: number;
  description: string;
  attach?: string;
  merchant_id: string;
  sub_merchant_id?: string;
  user_id?: string;
  collect_code?: string;
  metadata?: { [name: string]: string };
  payments: Payment[];
  created_at: string;
  expires_at: string;
  paid_at?: string;
}

/** An order that a user may make: the backend's configuration says who gets the money, and how much is allowed. */
export interface CollectOrder {
  collect_code: string;
  /** Fen. */
  amount: number;
}

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  body?: object;
  /** Makes a POST safe to repeat: it is then repeated when no answer comes. */
  idempotencyKey?: string;
}

/**
 * Codes that come from here rather than from the server, whose codes are those of its problem+json.
 *
 * - `network`, `timeout`: there was no answer; what was asked may have been done all the same
 * - `domain_not_allowed`: the server's host is not among the mini-program's request domains
 * - `unreadable_answer`: who answered is not wxhub
 * - `wx_login_failed`: WeChat gave no code
 * - `url_missing`: connect was called without a usable url
 * - `payment_cancelled`: the payer closed WeChat's sheet, and the server knows of no payment
 * - `payment_failed`: WeChat's sheet failed (errMsg), and the server knows of no payment
 * - `payment_unknown`: the sheet is closed, and the server could not tell in time. It may be paid: ask with confirm
 * - `order_closed`: the order was closed meanwhile
 */
export type OwnCode =
  | 'network' | 'timeout' | 'domain_not_allowed' | 'unreadable_answer' | 'wx_login_failed' | 'url_missing'
  | 'payment_cancelled' | 'payment_failed' | 'payment_unknown' | 'order_closed';

/** The only kind of error that promises of this SDK reject with. */
export class WxhubError extends Error {
  /** Stable: one of OwnCode, or the server's, such as order_expired. */
  code: OwnCode | string;
  /** The same call may well succeed a moment later. */
  retryable: boolean;
  /** HTTP status; absent when there was no answer. */
  status?: number;
  /** The id under which the server's log tells more. */
  requestId?: string;
  /** Each faulty input. */
  errors?: { field: string; message: string }[];
  /** What WeChat said to the server. */
  upstream?: { service: 'wechat' | 'wechat_pay'; code?: string; message?: string; request_id?: string };
  /** What WeChat said on this phone, such as requestPayment:fail cancel. */
  errMsg?: string;
  /** The order as it was seen last; of payment_… and order_closed. */
  order?: Order;
}

export interface Client {
  /**
   * Resolves with the session: the one that is kept, else a new one by wx.login. However many callers
   * ask, one login is under way at most. fresh asks WeChat in any case.
   */
  login(how?: { fresh?: boolean }): Promise<Session>;
  /** Ends the session here and on the server. */
  logout(): Promise<void>;
  /** The user as the server knows them now. */
  me(): Promise<User>;
  /** Records the phone number; code is e.detail.code of a button with open-type="getPhoneNumber". */
  phone(code: string): Promise<User>;
  /** Makes an order from a collect code. It is repeated under one key when no answer comes, so it makes one order. */
  createOrder(order: CollectOrder, idempotencyKey?: string): Promise<Order>;
  /** One order; refresh has the server ask WeChat Pay first. */
  getOrder(id: string, how?: { refresh?: boolean }): Promise<Order>;
  /**
   * Prepay, WeChat's sheet, and the truth. Resolves with a paid order and with nothing else; rejects with
   * payment_cancelled, payment_failed, payment_unknown, order_closed, or what the server said against the prepay.
   * A second call for the same order joins the first. Call it from a tap.
   */
  pay(orderId: string): Promise<Order>;
  /** Asks for about a minute whether an order is paid, after payment_unknown. Resolves and rejects as pay does. */
  confirm(orderId: string): Promise<Order>;
  /** Any call of the API with the user's session: path begins with /v1/. A 401 logs in anew and repeats it, once. */
  request<T = unknown>(path: string, how?: RequestOptions): Promise<T>;
}

export function connect(options: Options): Client;
