using System.Text.Json;
using ClawEvents.Broker.Api.Explain;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Api.Explain;

/// <summary>Whatever the state: what explain says is what a real client then gets, and the rule is the one that this test derives from the state it made.</summary>
internal sealed class ExplainAgreesTests
{
    private const int Rounds = 400;

    private static readonly string[] Users = ["", "alice", "bob", "app:shop", "app:rival"];

    private static readonly string[] Channels =
    [
        "public.a", "system.timer.second", "agent.alice.x", "agent.bob.x", "app.shop.x", "app.shop.agent", "app.shop.agent.bob", "bogus", "agent.alice",
        "free:a", "some:a", "$some:a", "some:room#bob", "some:BAD", "nowhere:a",
    ];

    [TestCase(1)]
    [TestCase(2, Category = "Slow")]
    [TestCase(3, Category = "Slow")]
    public async Task Explain_says_what_a_subscribe_a_publish_and_reads_then_do(int seed)
    {
        var random = new Random(seed);
        var (seen, options) = (new HashSet<string>(), RandomOptions(random));
        for (var round = 0; round < Rounds; round++)
        {
            options = round % 20 == 0 ? RandomOptions(random) : options;
            seen.UnionWith(await CheckAsync(random, options));
        }

        Assert.That(seen, Is.SupersetOf(new[]
        {
            "public", "system", "owner", "unlocked", "granted", "party", "agent", "user_list", "clients", "subscribers", "locked", "not_owner", "not_party", "not_agent", "system_only",
            "not_listed", "token_needed", "not_for_clients", "not_subscribed", "anonymous", "switched_off", "unusable_name", "unknown_namespace", "bad_name",
        }), "The states are too few to mean anything.");
    }

    private static async Task<IEnumerable<string>> CheckAsync(Random random, ChannelOptions options)
    {
        using var rig = new BrokerRig(TestNamespaces.Only(("some", options), ("free", TestNamespaces.Open)));
        var (user, name) = (Users[random.Next(Users.Length)], Channels[random.Next(Channels.Length)]);
        var channel = TestChannel.Named(name);
        var (isLocked, isGranted) = (channel.IsLockable && random.Next(2) == 0, channel.IsLockable && random.Next(2) == 0);
        await (isLocked ? rig.Store.LockAsync(channel) : ValueTask.CompletedTask);
        await (isGranted ? rig.Store.GrantAsync(channel, user) : ValueTask.CompletedTask);
        var link = new ClientLink(rig).Connected(user.Length == 0 ? null : TestToken.Of($$"""{"sub":"{{user}}"}"""));
        var explainer = rig.Get<AccessExplainer>();
        var question = new AccessQuestion(AccessAction.Subscribe, Principal.Of(user), rig.Channels.Resolve(channel));
        var state = $"{user} {name} locked={isLocked} granted={isGranted} {options}";

        var subscribe = await explainer.ExplainAsync(question);
        AssertAgrees(link.Ask($$$"""{"id":2,"subscribe":{"channel":"{{{name}}}"}}"""), subscribe, $"subscribe {state}");
        Assert.That(subscribe.Word, Is.EqualTo(SubscribeRule(user, channel, options, isLocked, isGranted)), state);

        var words = new List<string> { subscribe.Word };
        foreach (var action in new[] { AccessAction.Publish, AccessAction.History, AccessAction.Presence })
        {
            var asked = question with { Action = action, IsSubscribed = link.Connection.Subscriptions.Contains(channel) };
            var answer = await explainer.ExplainAsync(asked);
            var command = action is AccessAction.Publish ? $$"""{"channel":"{{name}}","data":{} }""" : $$"""{"channel":"{{name}}"}""";
            AssertAgrees(link.Ask($$"""{"id":3,"{{action.Word()}}":{{command}}}"""), answer, $"{action} {state}");
            Assert.That(AccessReasons.SentenceOf(asked, answer), Is.Not.EqualTo(answer.Word), "Every rule has a sentence.");
            words.Add(answer.Word);
        }

        return words;
    }

    // A publish may come back as a push before its reply.
    private static void AssertAgrees(string[] replies, AccessExplanation said, string state)
    {
        using var reply = JsonDocument.Parse(replies.Single(message => message.StartsWith("{\"id\":", StringComparison.Ordinal)));
        if (!reply.RootElement.TryGetProperty("error", out var error))
        {
            Assert.That(said.IsAllowed, Is.True, $"{state}: it was done, and explain said {said}");
            return;
        }

        Assert.That((said.IsAllowed, said.Code, said.Message), Is.EqualTo(((bool?)false, error.GetProperty("code").GetInt32(), error.GetProperty("message").GetString())), state);
    }

    // The matrix of docs/reference/permissions.md once more, in another form than the code's.
    private static string SubscribeRule(string user, ChannelName channel, ChannelOptions options, bool isLocked, bool isGranted) => channel.Value switch
    {
        "public.a" => "public",
        "system.timer.second" => "system",
        "bogus" or "agent.alice" => "unusable_name",
        "nowhere:a" => "unknown_namespace",
        "free:a" => "clients",
        "app.shop.agent" => user == "app:shop" ? "owner" : user is "alice" or "bob" ? "agent" : "not_agent",
        "app.shop.agent.bob" => user == "app:shop" ? "owner" : user == "bob" ? "party" : "not_party",
        "some:BAD" when options.ChannelPattern is not null => "bad_name",
        "$some:a" => "token_needed",
        "some:room#bob" when options.AllowUserLimitedChannels => user == "bob" ? "user_list" : "not_listed",
        _ when !channel.IsClaw => !options.Subscribe.ForClient ? "not_for_clients" : user.Length == 0 && !options.Subscribe.ForAnonymous ? "anonymous" : "clients",
        _ when user == channel.OwnerKey => "owner",
        _ => !isLocked ? "unlocked" : isGranted ? "granted" : "locked",
    };

    private static ChannelOptions RandomOptions(Random random)
    {
        bool Coin() => random.Next(2) == 0;

        // Subscribing has no permission for subscribers.
        return new()
        {
            Subscribe = new(Coin(), ForSubscriber: false, Coin()),
            Publish = new(Coin(), Coin(), Coin()),
            ReadHistory = new(Coin(), Coin(), Coin()),
            ReadPresence = new(Coin(), Coin(), Coin()),
            Presence = Coin(),
            HistorySize = Coin() ? 10 : 0,
            HistoryTtl = TimeSpan.FromMinutes(1),
            AllowUserLimitedChannels = Coin(),
            ChannelPattern = Coin() ? new("^[a-z#]+$") : null,
            PayloadFormat = Coin() ? PayloadFormat.JsonObject : PayloadFormat.Any,
        };
    }
}
