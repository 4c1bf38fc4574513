using System.Collections.Concurrent;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.Playwright;

namespace ClawEvents.Broker.Tests.Support.Clients;

/// <summary>Somebody with a browser who looks at the pages of a broker. What goes wrong in the pages fails the test.</summary>
internal sealed class Visitor : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly Uri _server;
    private readonly ConcurrentQueue<string> _faults = [];

    private Visitor(IBrowserContext context, IPage page, Uri server)
    {
        _context = context;
        _server = server;
        Page = page;
        page.SetDefaultTimeout((float)RunningBroker.Patience.TotalMilliseconds);
        page.PageError += (_, fault) => _faults.Enqueue(fault);
        page.Dialog += (_, dialog) => _faults.Enqueue($"dialog: {dialog.Message}");
        page.Console += (_, line) => CollectFault(line.Text);
        page.Request += (_, request) => CollectForeign(request.Url);
    }

    public IPage Page { get; }

    /// <summary>The newest messages of the page's list, newest first, each as one text.</summary>
    public ILocator Rows => Page.Locator("claw-stream .row:visible");

    /// <param name="path">To go to.</param>
    public static async Task<Visitor> ComeAsync(Uri server, string path, BrowserNewContextOptions? options = null)
    {
        var browser = await TestBrowser.StartAsync();
        var context = await browser.NewContextAsync(new(options ?? new()) { BaseURL = server.ToString(), Locale = "en-GB" });
        var visitor = new Visitor(context, await context.NewPageAsync(), server);
        await visitor.GoAsync(path);
        return visitor;
    }

    public async Task GoAsync(string path) => await Page.GotoAsync(path);

    /// <summary>Waits until the page has a connection, and its lists are subscribed or refused.</summary>
    public Task BeLiveAsync() =>
        WaitAsync("document.documentElement.dataset.live === 'connected' && [...document.querySelectorAll('claw-stream')].every((list) => ['subscribed', 'refused'].includes(list.dataset.state))");

    /// <summary>Waits until the list has a message with this text.</summary>
    public Task SeeAsync(string text) => Rows.Filter(new() { HasText = text }).First.WaitForAsync();

    /// <summary>Waits until an expression of JavaScript is true. The page's policy would refuse to evaluate it again and again by itself.</summary>
    public Task WaitAsync(string expression) => Eventually.IsTrueAsync(() => Page.EvaluateAsync<bool>($"() => {expression}"), expression);

    /// <summary>Takes a name, as development mode gives it to anybody.</summary>
    public async Task SignInAsync(string name)
    {
        await Page.ClickAsync(".who-button");
        await Page.FillAsync("#username", name);
        await Page.ClickAsync("text=Get a token");
        await Page.Locator(".who-button", new() { HasText = name }).WaitForAsync();
        await BeLiveAsync();
    }

    public async Task PublishAsync(string text)
    {
        await Page.FillAsync("claw-publish textarea", text);
        await Page.ClickAsync("claw-publish button");
    }

    public async ValueTask DisposeAsync()
    {
        await _context.CloseAsync();
        Assert.That(_faults, Is.Empty, "Something went wrong in the page.");
    }

    // A server that is away, or refuses, is no fault of the page.
    private void CollectFault(string line)
    {
        if (line.Contains("Content Security Policy", StringComparison.Ordinal) || line.Contains("Trusted", StringComparison.Ordinal) || line.Contains("integrity", StringComparison.Ordinal))
        {
            _faults.Enqueue(line);
        }
    }

    private void CollectForeign(string url)
    {
        if (new Uri(url) is { Scheme: "http" or "https" or "ws" or "wss" } asked && asked.Authority != _server.Authority)
        {
            _faults.Enqueue($"request to {asked.Authority}");
        }
    }
}
