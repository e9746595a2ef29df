package redisstore_test

import (
	"context"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"wxhub/model/redisstore"
)

const slots = 16384

// cluster starts three masters that share the slots.
func cluster(t *testing.T) (url string) {
	t.Helper()
	nodes := make([]*redisServer, 3)
	addrs := make([]string, len(nodes))
	for i := range nodes {
		nodes[i] = startServer(t, "--cluster-enabled", "yes", "--cluster-node-timeout", "5000")
		addrs[i] = nodes[i].addr
		first, next := i*slots/len(nodes), (i+1)*slots/len(nodes)
		must(t, nodes[i].client.ClusterAddSlotsRange(t.Context(), first, next-1).Err())
		must(t, nodes[0].client.ClusterMeet(t.Context(), "127.0.0.1", nodes[i].port()).Err())
	}
	for _, n := range nodes {
		within(t, "the cluster is complete", func() bool {
			info, err := n.client.ClusterInfo(t.Context()).Result()
			return err == nil && strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_known_nodes:3\r")
		})
	}
	return "redis+cluster://" + strings.Join(addrs, ",")
}

// recorder notes which keys each command names.
type recorder struct{ commands [][]string }

func (*recorder) DialHook(next redis.DialHook) redis.DialHook { return next }

func (r *recorder) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		r.commands = append(r.commands, keysOf(cmd.Args()))
		return next(ctx, cmd)
	}
}

func (r *recorder) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		for _, cmd := range cmds {
			r.commands = append(r.commands, keysOf(cmd.Args()))
		}
		return next(ctx, cmds)
	}
}

// keysOf finds our keys by their prefix: those of a script stand after the number of them.
func keysOf(args []any) (keys []string) {
	for i, arg := range args {
		text, ok := arg.(string)
		script := strings.HasPrefix(strings.ToLower(args[0].(string)), "eval")
		if n, isCount := args[min(2, len(args)-1)].(int); script && isCount && i >= 3+n {
			break // arguments of the script
		}
		if ok && i > 0 && strings.HasPrefix(text, "wxhub:") {
			keys = append(keys, text)
		}
	}
	return keys
}

// TestAllKeysOfAnAppLieInOneSlot: a script whose keys lie in two slots works on one
// server and fails on a cluster. The real cluster says where a key lies.
func TestAllKeysOfAnAppLieInOneSlot(t *testing.T) {
	t.Parallel()
	s := open(t, cluster(t))
	r := &recorder{}
	s.Client().AddHook(r)
	where := map[string]int64{}
	for _, app := range []string{"wx3a7c1e5f90b2d846", "wx6d02f8b4c91e57a3", "wx81e4b6d7a35c09f2"} {
		r.commands = nil
		useEverything(t, s, app)
		if len(r.commands) < 15 {
			t.Fatalf("only %d commands were seen", len(r.commands))
		}
		scripts := 0
		for _, keys := range r.commands {
			if len(keys) > 1 {
				scripts++
			}
			for _, key := range keys {
				slot := slotOf(t, s, key)
				if first, seen := where[app]; seen && slot != first {
					t.Errorf("%s lies in slot %d, other keys of the app in %d", key, slot, first)
				}
				where[app] = slot
			}
		}
		if scripts == 0 {
			t.Error("no script with several keys was seen; does the recorder still understand the commands?")
		}
	}
	if where["wx3a7c1e5f90b2d846"] == where["wx6d02f8b4c91e57a3"] && where["wx6d02f8b4c91e57a3"] == where["wx81e4b6d7a35c09f2"] {
		t.Error("all apps lie in one slot: the cluster does not spread the load")
	}
}

func slotOf(t *testing.T, s *redisstore.Store, key string) int64 {
	t.Helper()
	slot, err := s.Client().ClusterKeySlot(t.Context(), key).Result()
	must(t, err)
	return slot
}
