using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using static Microsoft.Playwright.Assertions;

namespace ClawEvents.Broker.Tests.Web;

/// <summary>The admin console of one node shows both, and acts on both.</summary>
public sealed class BrowserAdminNodesTests : TwoBrokersTests
{
    private protected override BrokerOptions Change(BrokerOptions options) => Operator.Allow(options);

    [Test]
    public async Task Every_list_has_both_nodes_and_a_client_of_the_other_one_is_disconnected()
    {
        var (alice, bob) = (await ConnectAsync(Here, "alice"), await ConnectAsync(There, "bob"));
        await alice.SubscribeAsync("chat:a");
        await bob.SubscribeAsync("chat:a");
        await using var admin = await Operator.SignInAsync(Here);
        await Expect(admin.Rows).ToHaveCountAsync(2);
        await Expect(admin.Section.Locator("tfoot td").Nth(1)).ToHaveTextAsync("2");

        await admin.GoAsync("settings");
        await Expect(admin.Section.Locator("select[name=node]").Locator("option")).ToHaveCountAsync(2);
        await admin.GoAsync("rates");
        await admin.Section.GetByLabel("Show").SelectOptionAsync("each");
        await Expect(admin.Section.Locator("figure", new() { HasText = "Memory" }).Locator(".legend li")).ToHaveCountAsync(2);
        await admin.GoAsync("channels?by=subscribers");
        await Expect(admin.Row("chat:a").Locator("td").First).ToHaveTextAsync("2");
        await Expect(admin.Section).ToContainTextAsync("Of 2 nodes.");

        await admin.GoAsync("trace?channel=chat:a");
        await Expect(admin.Section.Locator(".result")).ToHaveTextAsync("Following chat:a.");
        await There.PublishAsync("chat:a", "\"from there\"");
        await Expect(admin.Section.Locator("#trace .row:visible").First).ToContainTextAsync("from there");
        await admin.GoAsync("connections?channel=chat:a");
        await Expect(admin.Rows).ToHaveCountAsync(2);
        Assert.That((await admin.Rows.Locator(".node").EvaluateAllAsync<string[]>("nodes => nodes.map((node) => node.title)")).Distinct().Count(), Is.EqualTo(2));
        await admin.DoAsync(admin.Row("bob").Locator("button:text('Disconnect')"));
        await Expect(admin.Section.Locator(".result")).ToHaveTextAsync("Disconnected.");
        Assert.That(await bob.ReadMessageAsync(), Does.Contain("from there"));
        Assert.That((await bob.ReadCloseAsync()).Code, Is.EqualTo(3503));
        await Expect(admin.Rows).ToHaveCountAsync(1);
    }
}
