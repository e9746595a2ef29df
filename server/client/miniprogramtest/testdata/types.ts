// Compiled by types_test.go, never run: what a mini-program in TypeScript would write. A line
// below an expect-error must not compile.
import { connect, Client, Order, Session, User, WxhubError } from '../../miniprogram/wxhub';

const hub: Client = connect({ url: 'https://pay.example.com' });

export async function shop(): Promise<string> {
  const session: Session = await hub.login();
  await hub.login({ fresh: true });
  const made: Order = await hub.createOrder({ collect_code: 'counter-1', amount: 1990 }, 'key');
  try {
    const paid: Order = await hub.pay(made.id);
    return paid.paid_at || session.user.id;
  } catch (e) {
    if (e instanceof WxhubError && e.code === 'payment_unknown' && e.order) { return (await hub.confirm(e.order.id)).status; }
    throw e;
  }
}

export async function rest(): Promise<void> {
  const user: User = await hub.phone('code');
  const me = await hub.request<User>('/v1/me');
  const known: boolean = user.id === me.id && (await hub.me()).identities.length > 0;
  await hub.request('/v1/orders', { method: 'POST', body: { known }, idempotencyKey: 'k' });
  await hub.getOrder('id', { refresh: true });
  await hub.logout();
  // @ts-expect-error: a url is needed
  connect({});
  // @ts-expect-error: amounts are numbers, in fen
  await hub.createOrder({ collect_code: 'counter-1', amount: '19.90' });
  // @ts-expect-error: what pay resolves with is an order
  const no: string = await hub.pay('id');
  // @ts-expect-error: there is no such status
  if ((await hub.getOrder('id')).status === 'payed') { throw new Error(no); }
}
