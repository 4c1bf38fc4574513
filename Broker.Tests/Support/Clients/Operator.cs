using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.Playwright;

namespace ClawEvents.Broker.Tests.Support.Clients;

/// <summary>Somebody with a browser at a broker's admin console.</summary>
internal sealed class Operator : IAsyncDisposable
{
    public const string Password = "a password of the operator";

    private readonly Visitor _visitor;

    private Operator(Visitor visitor) => _visitor = visitor;

    public IPage Page => _visitor.Page;

    /// <summary>The section that is shown.</summary>
    public ILocator Section => Page.Locator(".view:visible");

    /// <summary>The rows of the section's tables.</summary>
    public ILocator Rows => Section.Locator("tbody tr:visible");

    /// <summary>Allows the console.</summary>
    public static BrokerOptions Allow(BrokerOptions options) => options with { Api = options.Api with { ShowsAdmin = true, AdminPassword = Password } };

    /// <summary>Opens the console without signing in.</summary>
    /// <param name="fragment">The section and what it shows, as <c>connections?user=alice</c>.</param>
    public static async Task<Operator> ComeAsync(RunningBroker broker, string fragment = "nodes", BrowserNewContextOptions? options = null) =>
        new(await Visitor.ComeAsync(broker.InternalUrl, $"/admin#{fragment}", options));

    /// <summary>Opens the console and signs in.</summary>
    /// <inheritdoc cref="ComeAsync"/>
    public static async Task<Operator> SignInAsync(RunningBroker broker, string fragment = "nodes", BrowserNewContextOptions? options = null)
    {
        var visitor = await ComeAsync(broker, fragment, options);
        await visitor.SignInAsync(Password);
        await visitor.Page.Locator("#console").WaitForAsync();
        return visitor;
    }

    /// <summary>Sends the form.</summary>
    public async Task SignInAsync(string password)
    {
        await Page.FillAsync("#password", password);
        await Page.ClickAsync("#sign-in button");
    }

    /// <summary>Goes to another section by its address.</summary>
    public Task GoAsync(string fragment) => _visitor.GoAsync($"/admin#{fragment}");

    /// <summary>A part of the section, by its title.</summary>
    public ILocator Card(string title) => Section.Locator($"section[aria-label='{title}']");

    public ILocator Row(string text) => Rows.Filter(new() { HasText = text });

    /// <summary>Clicks, and says yes to the question that comes.</summary>
    public async Task DoAsync(ILocator button)
    {
        await button.ClickAsync();
        await Page.ClickAsync("#question-yes");
    }

    public ValueTask DisposeAsync() => _visitor.DisposeAsync();
}
