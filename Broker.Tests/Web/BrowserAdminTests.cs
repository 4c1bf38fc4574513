using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;
using Microsoft.Extensions.Logging;
using static Microsoft.Playwright.Assertions;

namespace ClawEvents.Broker.Tests.Web;

/// <summary>The admin console in a real browser: who gets in, and what an operator only looks at.</summary>
public sealed class BrowserAdminTests : RunningBrokerTests
{
    private const string Hostile = "<img src=x onerror=alert(1)>";
    private const string Turning = "\u202Egnp.exe\u2066";

    private protected override BrokerOptions Change(BrokerOptions options) => Operator.Allow(options) with
    {
        Identity = new() { JwtSecret = TestToken.Secret },
        Namespaces = TestNamespaces.Of(("chat", TestNamespaces.History with { Presence = true })),
    };

    [Test]
    public async Task A_wrong_password_is_refused_the_right_one_opens_the_section_of_the_address_and_sign_out_closes_it()
    {
        await using var admin = await Operator.ComeAsync(Broker, "explain?action=lock&channel=public.a&user=bob");
        await Expect(admin.Page.Locator("#console")).ToBeHiddenAsync();
        await admin.SignInAsync("a guess");
        await Expect(admin.Page.Locator("#sign-in-result")).ToHaveTextAsync("Not signed in: wrong password.");
        await admin.SignInAsync(Operator.Password);
        await Expect(admin.Section.Locator("h1")).ToHaveTextAsync("Explain");
        await Expect(admin.Page.Locator("#verdict")).ToHaveTextAsync("refused");
        await Expect(admin.Page).ToHaveTitleAsync("Explain · Admin · ClawEvents");

        await admin.Page.ReloadAsync();
        await Expect(admin.Page.Locator("#verdict")).ToHaveTextAsync("refused");
        await admin.Page.ClickAsync("button:text('Sign out')");
        await Expect(admin.Page.Locator("#sign-in")).ToBeVisibleAsync();
        await Expect(admin.Page.Locator("#verdict")).ToHaveCountAsync(0);
        await admin.Page.ReloadAsync();
        await Expect(admin.Page.Locator("#sign-in")).ToBeVisibleAsync();
        await admin.SignInAsync(RunningBroker.Key);
        await Expect(admin.Page.Locator("#verdict")).ToHaveTextAsync("refused");
    }

    [Test]
    public async Task A_session_that_has_ended_brings_the_form_back_and_keeps_what_was_typed()
    {
        await using var admin = await Operator.SignInAsync(Broker, "tokens");
        var make = admin.Card("Make a token");
        await make.GetByLabel("User").FillAsync("alice");
        await admin.Page.Context.ClearCookiesAsync();
        await make.Locator("button:text('Make')").ClickAsync();
        await Expect(admin.Page.Locator("#sign-in-reason")).ToContainTextAsync("Your session has ended");
        await Expect(admin.Page.Locator("#console")).ToBeHiddenAsync();
        await admin.SignInAsync(Operator.Password);
        await Expect(make.GetByLabel("User")).ToHaveValueAsync("alice");
        await Expect(make.Locator(".result")).ToContainTextAsync("nothing was changed");
        await make.Locator("button:text('Make')").ClickAsync();
        await Expect(make.Locator(".result")).ToContainTextAsync("Made for alice");

        await admin.GoAsync("explain");
        await admin.Section.GetByLabel("Channel").FillAsync("agent.alice.x");
        await admin.Page.Context.ClearCookiesAsync();
        await admin.Section.Locator("button:text('Explain')").ClickAsync();
        await Expect(admin.Page.Locator("#sign-in")).ToBeVisibleAsync();
        await admin.SignInAsync(Operator.Password);
        await Expect(admin.Page.Locator("#verdict")).ToHaveTextAsync("allowed");
    }

    [Test]
    public async Task The_keyboard_is_enough_and_the_focus_follows_the_section()
    {
        await using var admin = await Operator.ComeAsync(Broker);
        await Expect(admin.Page.Locator("#password")).ToBeFocusedAsync();
        await admin.Page.Keyboard.TypeAsync(Operator.Password);
        await admin.Page.Keyboard.PressAsync("Enter");
        await Expect(admin.Rows).ToHaveCountAsync(1);
        await admin.Page.FocusAsync("#sections a:text('Explain')");
        await admin.Page.Keyboard.PressAsync("Enter");
        await Expect(admin.Section.Locator("h1")).ToBeFocusedAsync();
        await Expect(admin.Page.Locator("#sections a[aria-current]")).ToHaveTextAsync("Explain");
        await admin.Page.Keyboard.PressAsync("Tab");
        // Letters that come slowly are each taken for the beginning of another choice.
        await admin.Page.Keyboard.PressAsync("ArrowDown");
        await Expect(admin.Section.GetByLabel("Action")).ToHaveValueAsync("publish");
        await admin.Page.Keyboard.PressAsync("Tab");
        await admin.Page.Keyboard.TypeAsync("agent.alice.x");
        await admin.Page.Keyboard.PressAsync("Tab");
        await admin.Page.Keyboard.TypeAsync("bob");
        await admin.Page.Keyboard.PressAsync("Enter");
        await Expect(admin.Page.Locator("#verdict")).ToHaveTextAsync("refused");
        await Expect(admin.Section).ToContainTextAsync("not_owner");
        await admin.Page.GoBackAsync();
        await Expect(admin.Page.Locator("#verdict")).ToHaveCountAsync(0);
    }

    [Test]
    public async Task Settings_show_their_origin_and_are_filtered_and_no_secret_is_shown()
    {
        await using var admin = await Operator.SignInAsync(Broker, "settings");
        await Expect(admin.Row("AllowedOrigins")).ToContainTextAsync("default");
        await admin.Section.GetByLabel("Filter").FillAsync("admin");
        await Expect(admin.Row("AllowedOrigins")).ToHaveCountAsync(0);
        await Expect(admin.Row("AdminPassword")).ToHaveCountAsync(1);
        Assert.That(await admin.Page.ContentAsync(), Does.Not.Contain(Operator.Password).And.Not.Contain(TestToken.Secret));

        await admin.Section.GetByLabel("Filter").FillAsync("no such setting");
        await Expect(admin.Section).ToContainTextAsync("No setting matches.");
    }

    [Test]
    public async Task The_last_warnings_come_newest_first()
    {
        var log = Broker.Get<ILoggerFactory>().CreateLogger("ClawEvents.Broker.Tests");
        await using var admin = await Operator.SignInAsync(Broker, "warnings");
        Warn(log, "the first warning");
        Warn(log, $"the second warning {Hostile}{Turning}");
        await admin.GoAsync("nodes");
        await admin.GoAsync("warnings");
        await Expect(admin.Row("the second warning").Locator(".hidden-char")).ToHaveTextAsync(["U+202E", "U+2066"]);
        var shown = await admin.Row("warning").AllInnerTextsAsync();
        Assert.That(shown.Select(row => row.Contains("second", StringComparison.Ordinal)).Take(2), Is.EqualTo(new[] { true, false }));

        await admin.Section.GetByLabel("Filter").FillAsync("FIRST");
        await Expect(admin.Rows).ToHaveCountAsync(1);
    }

    [Test]
    public async Task Rates_are_drawn_and_said_in_words()
    {
        await using var admin = await Operator.SignInAsync(Broker, "rates");
        await Broker.PublishAsync("chat:a", "1");
        var messages = admin.Section.Locator("figure", new() { HasText = "Messages" }).First;
        await Expect(messages.Locator(".legend")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("^now .+, lowest .+, highest .+$"));
        await Expect(admin.Section.Locator("figure")).ToHaveCountAsync(9);
        await Expect(admin.Section.Locator("figure", new() { HasText = "Memory" }).Locator(".legend")).ToContainTextAsync("B, lowest ");
        await Expect(messages.Locator(".chart-line")).ToHaveAttributeAsync("d", new System.Text.RegularExpressions.Regex("^M"));
        await admin.Section.GetByLabel("Show").SelectOptionAsync("each");
        await Expect(messages.Locator(".legend")).ToContainTextAsync(Environment.MachineName);
    }

    [Test]
    public async Task Text_of_strangers_stays_text_in_every_section()
    {
        var name = $"{Hostile}{Turning}";
        var client = await Broker.ConnectAsync(TestToken.Of($$"""{"sub":"{{Hostile}}\u202Egnp.exe\u2066"}"""));
        Assert.That(await client.AskAsync("""{"id":2,"subscribe":{"channel":"chat:<b>a"}}"""), Does.StartWith("""{"id":2,"subscribe":"""));
        await using var admin = await Operator.SignInAsync(Broker, "connections");
        await Expect(admin.Row(Hostile).Locator("th .hidden-char")).ToHaveTextAsync(["U+202E", "U+2066"]);
        await Expect(admin.Row(Hostile)).ToContainTextAsync("chat:<b>a");

        await admin.GoAsync($"trace?user={Uri.EscapeDataString(name)}");
        await Expect(admin.Section.Locator(".result")).ToContainTextAsync("Following");
        await client.SendTextAsync($$$"""{"id":7,"publish":{"channel":"chat:<b>a","data":"{{{Hostile}}}\u202E"}}""");
        await Expect(admin.Section.Locator("claw-stream .row:visible .what").First).ToContainTextAsync(Hostile);
        await Expect(admin.Section.Locator("claw-stream .row:visible .who .hidden-char").First).ToHaveTextAsync("U+202E");

        await admin.GoAsync("channels?channel=chat:%3Cb%3Ea");
        await Expect(admin.Card("Present").Locator("tbody")).ToContainTextAsync(Hostile);
        await Expect(admin.Section.Locator("#kept .row:visible .what")).ToContainTextAsync(Hostile);
        await admin.GoAsync($"explain?action=lock&channel=agent.alice.x&user={Uri.EscapeDataString(name)}");
        await Expect(admin.Page.Locator("#verdict")).ToHaveTextAsync("refused");
        await Expect(admin.Section).ToContainTextAsync("U+202E");
        Assert.That(await admin.Page.EvaluateAsync<int>("document.querySelectorAll('img').length"), Is.EqualTo(1), "The logo, and no picture of a stranger.");
    }

#pragma warning disable CA1848, CA2254 // A message as it is, once in a test.
    private static void Warn(ILogger log, string text) => log.LogWarning(text.Replace("{", "{{", StringComparison.Ordinal));
#pragma warning restore CA1848, CA2254
}
