using ClawEvents.Broker.Tests.Docs;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.Playwright;

namespace ClawEvents.Broker.Tests.Support.Clients;

/// <summary>A screen on which pages are looked at: nothing that keeps somebody out, nothing wider than it. With <c>CLAW_UPDATE_DOCS=1</c> it takes the pictures of the documentation.</summary>
internal sealed record PageLook(string Name, int Width, int Height, ColorScheme Scheme)
{
    private static readonly string Folder = Path.Combine(RunningProcess.SolutionFolder, "docs", "pictures");

    private static readonly PageLook[] All =
        [new("light", 1200, 800, ColorScheme.Light), new("dark", 1200, 800, ColorScheme.Dark), new("phone", 390, 780, ColorScheme.Light)];

    // With the ids of axe; serious and critical ones fail.
    private const string Axe = """
        async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html, any }) => `${html.slice(0, 120)} ${any[0]?.message ?? ''}`).join(' | ')}`)
        """;

    public static IEnumerable<string> Names => All.Select(look => look.Name);

    /// <summary>A browser's settings for this screen.</summary>
    public BrowserNewContextOptions Options => new()
    {
        ViewportSize = new() { Width = Width, Height = Height },
        ColorScheme = Scheme,
        ReducedMotion = ReducedMotion.Reduce,

        // Axe is no part of the page, and measures by means that the page's policy refuses.
        BypassCSP = true,
    };

    public static PageLook Of(string name) => All.Single(look => look.Name == name);

    /// <summary>Takes the picture of a page, and checks the page.</summary>
    /// <param name="name">Of the picture, without its look; null: no picture.</param>
    public async Task CheckAsync(IPage page, string what, string? name)
    {
        await OfficialClient.InstallAsync();
        if (name is not null && WrittenPage.IsWanted)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(Folder, $"{name}-{Name}.png") });
        }

        await page.EvaluateAsync(await File.ReadAllTextAsync(Path.Combine(OfficialClient.Folder, "node_modules", "axe-core", "axe.min.js")));
        Assert.That(await page.EvaluateAsync<string[]>(Axe), Is.Empty, $"{what} {Name}");
        Assert.That(await page.EvaluateAsync<int>("document.documentElement.scrollWidth"), Is.LessThanOrEqualTo(Width), $"{what} {Name}");
    }
}
