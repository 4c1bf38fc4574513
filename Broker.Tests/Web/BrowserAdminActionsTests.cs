using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;
using static Microsoft.Playwright.Assertions;

namespace ClawEvents.Broker.Tests.Web;

/// <summary>The admin console in a real browser: what an operator does to clients, channels and tokens.</summary>
public sealed class BrowserAdminActionsTests : RunningBrokerTests
{
    private protected override BrokerOptions Change(BrokerOptions options) => Operator.Allow(options) with
    {
        Identity = new() { JwtSecret = TestToken.Secret },
        Namespaces = TestNamespaces.Of(("chat", TestNamespaces.History with { Presence = true })),
    };

    [Test]
    public async Task A_node_is_drained_and_serves_again_only_after_a_yes()
    {
        await using var admin = await Operator.SignInAsync(Broker);
        await Expect(admin.Rows).ToContainTextAsync([Environment.MachineName]);
        var phase = admin.Page.Locator("#drain-phase");
        await Expect(phase).ToHaveTextAsync("serves clients");
        await admin.Section.Locator("button:text('Drain this node')").ClickAsync();
        await Expect(admin.Page.Locator("#question-text")).ToContainTextAsync("There is no other node");
        await admin.Page.Keyboard.PressAsync("Escape");
        await Expect(admin.Page.Locator("#question")).ToBeHiddenAsync();
        Assert.That((await Broker.SendAsync(HttpMethod.Get, "/health/ready", null)).Status, Is.EqualTo(200));

        await admin.DoAsync(admin.Section.Locator("button:text('Drain this node')"));
        await Expect(phase).Not.ToHaveTextAsync("serves clients");
        Assert.That((await Broker.SendAsync(HttpMethod.Get, "/health/ready", null)).Status, Is.EqualTo(503));
        await admin.DoAsync(admin.Section.Locator("button:text('Serve clients again')"));
        await Expect(phase).ToHaveTextAsync("serves clients");
    }

    [Test]
    public async Task Connections_are_found_unsubscribed_and_disconnected()
    {
        var (first, second, other) = (await ConnectAsync("alice"), await ConnectAsync("alice"), await ConnectAsync("bob"));
        await SubscribeAsync(first, "chat:a");
        await SubscribeAsync(other, "chat:a");
        await using var admin = await Operator.SignInAsync(Broker, "connections");
        await Expect(admin.Rows).ToHaveCountAsync(3);
        await admin.Section.GetByLabel("User", new() { Exact = true }).FillAsync("alice");
        await admin.Section.Locator("button:text('Find')").ClickAsync();
        await Expect(admin.Rows).ToHaveCountAsync(2);
        await Expect(admin.Row("chat:a")).ToContainTextAsync("websocket");

        await admin.DoAsync(admin.Row("chat:a").Locator("button:text('Unsubscribe')"));
        await Expect(admin.Section.Locator(".result")).ToHaveTextAsync("Unsubscribed.");
        Assert.That(await first.ReadMessageAsync(), Does.Contain("\"unsubscribe\":{\"code\":2000"));
        await Expect(admin.Row("chat:a")).ToHaveCountAsync(0);
        await admin.DoAsync(admin.Rows.Nth(0).Locator("button:text('Disconnect')"));
        await Expect(admin.Rows).ToHaveCountAsync(1);
        Assert.That((await second.ReadCloseAsync()).Code, Is.EqualTo(3503), "The newest comes first.");

        await admin.DoAsync(admin.Section.Locator("button:text('Disconnect all')"));
        await Expect(admin.Section).ToContainTextAsync("No connection matches.");
        Assert.That((await first.ReadCloseAsync()).Code, Is.EqualTo(3503));
        await admin.GoAsync("connections?channel=chat:a");
        await Expect(admin.Rows).ToHaveCountAsync(1);
        await admin.Row("bob").Locator("a:text('Trace')").ClickAsync();
        await Expect(admin.Section.Locator(".result")).ToHaveTextAsync("Following bob.");
    }

    [Test]
    public async Task A_channel_is_found_by_its_traffic_and_published_to_and_its_history_removed()
    {
        var alice = await ConnectAsync("alice");
        await SubscribeAsync(alice, "chat:a");
        await Broker.PublishAsync("chat:a", """{"n":12345678901234567890}""");
        await alice.ReadMessageAsync();
        await using var admin = await Operator.SignInAsync(Broker, "channels");
        await Expect(admin.Row("chat:a")).ToContainTextAsync("exact");
        await admin.Section.GetByLabel("Top channels").SelectOptionAsync("subscribers");
        await Expect(admin.Row("chat:a").Locator("td").First).ToHaveTextAsync("1");
        await admin.Section.GetByLabel("Pattern").FillAsync("chat:*");
        await admin.Section.Locator("button:text('List')").ClickAsync();
        await admin.Row("chat:a").Locator("a").ClickAsync();

        await Expect(admin.Card("Present").Locator("tbody")).ToContainTextAsync("alice");
        await Expect(admin.Section.Locator("#kept .row:visible .what")).ToHaveTextAsync("""{"n":12345678901234567890}""");
        var payload = admin.Section.GetByLabel("Payload", new() { Exact = true });
        await payload.FillAsync("{not JSON}");
        await Expect(admin.Card("Publish")).ToContainTextAsync("Not JSON:");
        await admin.Section.Locator("button:text('Publish')").ClickAsync();
        await Expect(admin.Card("Publish")).ToContainTextAsync("Not sent, because it is not JSON");
        await payload.FillAsync("""{ "n": 98765432109876543210 }""");
        await admin.Section.Locator("button:text('Publish')").ClickAsync();
        Assert.That(await alice.ReadMessageAsync(), Does.Contain("98765432109876543210"));

        await admin.Section.Locator("button:text('Reload')").ClickAsync();
        await Expect(admin.Section.Locator("#kept .row:visible")).ToHaveCountAsync(2);
        await admin.DoAsync(admin.Section.Locator("button:text('Remove the history')"));
        await Expect(admin.Section.Locator("#kept .empty")).ToHaveTextAsync("The history is empty.");
        await Expect(admin.Section.Locator("#kept .row:visible")).ToHaveCountAsync(0);
    }

    [Test]
    public async Task A_channel_is_locked_granted_explained_revoked_and_unlocked()
    {
        await using var admin = await Operator.SignInAsync(Broker, "access?channel=agent.alice.x");
        var state = admin.Page.Locator("#lock-state");
        await Expect(state).ToHaveTextAsync("open to all listeners");
        await admin.DoAsync(admin.Section.Locator("button:text('Lock')"));
        await Expect(state).ToHaveTextAsync("locked");
        await admin.Section.GetByLabel("Grant access to").FillAsync("bob");
        await admin.Section.Locator("button:text('Grant')").ClickAsync();
        await admin.Row("bob").Locator("a:text('Explain')").ClickAsync();
        await Expect(admin.Page.Locator("#verdict")).ToHaveTextAsync("allowed");
        await Expect(admin.Section).ToContainTextAsync("granted");

        await admin.Page.GoBackAsync();
        await admin.DoAsync(admin.Row("bob").Locator("button:text('Revoke')"));
        await Expect(admin.Section).ToContainTextAsync("Nobody has a grant.");
        await admin.GoAsync("explain?action=subscribe&channel=agent.alice.x&user=bob");
        await Expect(admin.Page.Locator("#verdict")).ToHaveTextAsync("refused");
        await admin.GoAsync("access?owner=alice");
        await admin.DoAsync(admin.Row("agent.alice.x").Locator("button:text('Unlock')"));
        await Expect(admin.Section).ToContainTextAsync("None.");
    }

    [Test]
    public async Task A_token_is_made_checked_used_and_revoked()
    {
        await using var admin = await Operator.SignInAsync(Broker, "tokens");
        var (make, check) = (admin.Card("Make a token"), admin.Card("Check a token"));
        await make.GetByLabel("User").FillAsync("carol");
        await make.GetByLabel("Lifetime").SelectOptionAsync("1 hour");
        await make.Locator("button:text('Make')").ClickAsync();
        var token = await admin.Page.Locator("#made-token").InnerTextAsync();
        var carol = await Broker.ConnectAsync(token);
        await check.GetByLabel("Token").FillAsync(token);
        await check.Locator("button:text('Check')").ClickAsync();
        await Expect(admin.Page.Locator("#token-status")).ToHaveTextAsync("valid");
        await Expect(check).ToContainTextAsync("\"carol\"");

        var revoke = admin.Card("Revoke all tokens of a user");
        await revoke.GetByLabel("User").FillAsync("carol");
        await admin.DoAsync(revoke.Locator("button:text('Revoke all')"));
        await Expect(revoke.Locator(".result")).ToContainTextAsync("All tokens of carol");
        Assert.That((await carol.ReadCloseAsync()).Code, Is.EqualTo(3005));
        await check.Locator("button:text('Check')").ClickAsync();
        await Expect(admin.Page.Locator("#token-status")).ToHaveTextAsync("revoked");
        await check.GetByLabel("Token").FillAsync("nonsense");
        await check.Locator("button:text('Check')").ClickAsync();
        await Expect(admin.Page.Locator("#token-status")).ToHaveTextAsync("invalid");
    }

    [Test]
    public async Task A_trace_shows_what_happens_and_is_paused_filtered_and_cleared()
    {
        await using var admin = await Operator.SignInAsync(Broker, "trace?user=alice");
        var rows = admin.Section.Locator("#trace .row:visible");
        await Expect(admin.Section.Locator(".result")).ToHaveTextAsync("Following alice.");
        var alice = await ConnectAsync("alice");
        await Expect(rows.First).ToContainTextAsync("connected");
        Assert.That(await alice.AskAsync("""{"id":5,"subscribe":{"channel":"nowhere:x"}}"""), Does.Contain("\"error\""));
        await Expect(rows.First).ToContainTextAsync("refused subscribe nowhere:x: ");
        await rows.First.ClickAsync();
        await admin.Section.Locator(".facts a:text('explain')").ClickAsync();
        await Expect(admin.Section.GetByLabel("User")).ToHaveValueAsync("alice");
        await Expect(admin.Page.Locator("#verdict")).ToHaveTextAsync("refused");

        await admin.GoAsync("trace?channel=chat:a");
        await Expect(admin.Section.Locator(".result")).ToHaveTextAsync("Following chat:a.");
        await Broker.PublishAsync("chat:a", "\"first\"");
        await Expect(rows).ToContainTextAsync(["first"]);
        await admin.Section.Locator("button:text('Pause')").ClickAsync();
        await Broker.PublishAsync("chat:a", "\"second\"");
        await Expect(admin.Section.Locator(".fresh")).ToContainTextAsync("1 new message");
        await Expect(rows).ToHaveCountAsync(1);
        await admin.Section.Locator("button:text('Resume')").ClickAsync();
        await Expect(rows).ToHaveCountAsync(2);
        await admin.Section.GetByPlaceholder("Filter by text").FillAsync("SECOND");
        await Expect(rows).ToContainTextAsync(["second"]);
        await admin.Section.Locator("button:text('Clear')").ClickAsync();
        await Expect(rows).ToHaveCountAsync(0);
        await admin.Section.Locator("button:text('Stop')").ClickAsync();
        await Expect(admin.Section.Locator(".result")).ToHaveTextAsync("Stopped.");
    }

    private Task<RunningWebSocket> ConnectAsync(string user) => Broker.ConnectAsync(TestToken.Of($$"""{"sub":"{{user}}"}"""));

    private static async Task SubscribeAsync(RunningWebSocket client, string channel) =>
        Assert.That(await client.AskAsync($$$"""{"id":2,"subscribe":{"channel":"{{{channel}}}"}}"""), Does.StartWith("""{"id":2,"subscribe":"""));
}
