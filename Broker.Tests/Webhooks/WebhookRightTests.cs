using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Webhooks;

namespace ClawEvents.Broker.Tests.Webhooks;

internal sealed class WebhookRightTests
{
    private static readonly ChannelNamespaces Namespaces = TestNamespaces.Of(
        ("open", TestNamespaces.Open),
        ("closed", new ChannelOptions()),
        ("proxied", TestNamespaces.Open with { SubscribeProxy = "backend" }),
        ("users", TestNamespaces.Open with { SubscribeProxy = "backend", AllowUserLimitedChannels = true }),
        ("public", TestNamespaces.Open with { SubscribeProxy = "backend" }));

    private readonly InMemoryStateStore _store = new(TimeProvider.System);
    private readonly WebhookRight _right;

    public WebhookRightTests() => _right = new(_store, new ChannelPermissions(_store), new ChannelResolver(new ChannelNames(ChannelNames.MaxBytes), Namespaces));

    [TestCase("open:a", ExpectedResult = null)]
    [TestCase("agent.alice.x", ExpectedResult = null)]
    [TestCase("agent.bob.x", ExpectedResult = null)]
    [TestCase("system.timer.minute", ExpectedResult = null)]
    [TestCase("app.shop.agent.alice", ExpectedResult = null)]
    [TestCase("app.shop.agent.bob", ExpectedResult = "not_party")]
    [TestCase("closed:a", ExpectedResult = "not_for_clients")]
    [TestCase("unknown:a", ExpectedResult = "unknown_namespace")]
    [TestCase("$open:a", ExpectedResult = "token_needed")]
    [TestCase("$proxied:a", ExpectedResult = "token_needed")]
    [TestCase("proxied:a", ExpectedResult = "back_end")]
    [TestCase("public.a", ExpectedResult = "back_end")]
    [TestCase("users:a#alice", ExpectedResult = null)]
    [TestCase("users:a#bob", ExpectedResult = "not_listed")]
    public async Task<string?> The_permissions_decide_as_for_a_subscribe_without_a_token(string channel) =>
        await _right.FindRefusalAsync(Principal.Of("alice", new(0, 1)), TestChannel.Named(channel));

    [Test]
    public async Task A_lock_needs_a_grant()
    {
        var channel = TestChannel.Named("agent.bob.x");
        await _store.LockAsync(channel);
        var locked = await FindAsync(new(0, 1), channel);
        await _store.GrantAsync(channel, "alice");

        Assert.That((locked, await FindAsync(new(0, 1), channel)), Is.EqualTo(("locked", (string?)null)));
    }

    [Test]
    public async Task A_revoked_token_has_no_right()
    {
        await _store.RevokeTokensAsync("alice", 100);

        Assert.That((await FindAsync(new(0, 100)), await FindAsync(new(0, 101))), Is.EqualTo(("token_revoked", (string?)null)));
    }

    [Test]
    public async Task A_key_that_was_replaced_has_no_right()
    {
        var (old, fresh) = (new string('a', 64), new string('b', 64));
        await _store.SetKeyHashAsync("alice", old);
        var before = await FindAsync(TokenStamp.Of(old, 1));
        await _store.SetKeyHashAsync("alice", fresh);

        Assert.That((before, await FindAsync(TokenStamp.Of(old, 1)), await FindAsync(TokenStamp.Of(fresh, 1))), Is.EqualTo(((string?)null, "token_revoked", (string?)null)));
    }

    [Test]
    public void Every_reason_is_a_sentence_for_the_owner() => Assert.That(
        Enum.GetValues<AccessRule>().Where(rule => !rule.IsAllowed()).Select(rule => rule.Word()).Concat([WebhookReasons.Failing, WebhookReasons.Gone, WebhookReasons.TokenRevoked]).Select(WebhookReasons.Describe),
        Is.All.Length.GreaterThan(20));

    private ValueTask<string?> FindAsync(TokenStamp token, ChannelName? channel = null) =>
        _right.FindRefusalAsync(Principal.Of("alice", token), channel ?? TestChannel.Named("open:a"));
}
