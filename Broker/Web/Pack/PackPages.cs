using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Build.Framework;

namespace ClawEvents.Broker.Web.Pack;

/// <summary>
/// A step of the build: puts the pages into their frame, and compresses everything that the broker serves to browsers. The broker embeds the result.
/// </summary>
/// <remarks>MSBuild compiles this file by itself, for .NET Standard; it is no part of the broker. docs/decisions/0016-pages.md</remarks>
public sealed class PackPages : Microsoft.Build.Utilities.Task
{
    // Not in .NET Standard, but in every runtime that builds the broker.
    private static readonly Type Brotli = Type.GetType("System.IO.Compression.BrotliStream, System.IO.Compression.Brotli", throwOnError: true);

    private const CompressionLevel Smallest = (CompressionLevel)3;

    private readonly Dictionary<string, byte[]> _app = new Dictionary<string, byte[]>(StringComparer.Ordinal);

    /// <summary>The folder with <c>app</c> (scripts, styles, pictures), <c>pages</c> (HTML) and <c>texts</c>.</summary>
    [Required]
    public string Assets { get; set; }

    /// <summary>The folder of the documentation.</summary>
    [Required]
    public string Docs { get; set; }

    /// <summary>The project's first page, which has the index of the documentation.</summary>
    [Required]
    public string Readme { get; set; }

    /// <summary>Receives <c>NAME.br</c>, and for what browsers get as it is also <c>NAME.gz</c>. What else is in it is deleted.</summary>
    [Required]
    public string Output { get; set; }

    private string Version { get; set; }

    public override bool Execute()
    {
        if (Directory.Exists(Output))
        {
            Directory.Delete(Output, recursive: true);
        }

        foreach (var file in FilesOf(Path.Combine(Assets, "app"), "*"))
        {
            _app.Add(Path.GetFileName(file), File.ReadAllBytes(file));
        }

        Version = Hex(Hash(_app.OrderBy(file => file.Key, StringComparer.Ordinal).SelectMany(file => Encoding.UTF8.GetBytes(file.Key).Concat(file.Value)).ToArray())).Substring(0, 16);
        foreach (var file in _app)
        {
            Write("app/" + file.Key, file.Value, isServed: true);
        }

        WritePages();
        foreach (var file in FilesOf(Path.Combine(Assets, "texts"), "*"))
        {
            Write("texts/" + Path.GetFileName(file), File.ReadAllBytes(file), isServed: false);
        }

        Write("texts/README.md", File.ReadAllBytes(Readme), isServed: false);
        foreach (var file in FilesOf(Docs, "*.md"))
        {
            Write("docs/" + file.Substring(Docs.Length).TrimStart('/', '\\').Replace('\\', '/'), File.ReadAllBytes(file), isServed: false);
        }

        return true;
    }

    private void WritePages()
    {
        var folder = Path.Combine(Assets, "pages");
        var frame = File.ReadAllText(Path.Combine(folder, "frame.html"));
        foreach (var file in FilesOf(folder, "*.html").Where(file => Path.GetFileName(file) != "frame.html"))
        {
            // The first line: <!-- TITLE | SCRIPT -->
            var text = File.ReadAllText(file);
            var head = Regex.Match(text, @"\A<!-- (?<title>.+) \| (?<script>.+) -->\n");
            var page = frame.Replace("{{main}}", text.Substring(head.Length).TrimEnd())
                .Replace("{{title}}", head.Groups["title"].Value)
                .Replace("{{script}}", head.Groups["script"].Value);
            Write("pages/" + Path.GetFileName(file), Encoding.UTF8.GetBytes(WithAddresses(page)), isServed: true);
        }
    }

    // The version is in each address, so that browsers need not ask again; what the scripts import is fetched together with them.
    private string WithAddresses(string page)
    {
        var withModules = Regex.Replace(page, @"( *)<script type=""module"" src=""\{\{app\}\}/(?<name>[^""]+)""></script>\n", script =>
            string.Concat(ImportsOf(script.Groups["name"].Value).Select(name => $"{script.Groups[1].Value}<link rel=\"modulepreload\" href=\"{{{{app}}}}/{name}\">\n")) + script.Value);
        var withHashes = Regex.Replace(withModules, @"(?<start><(?:script|link rel=""(?:stylesheet|modulepreload)"")[^>]* (?:src|href)=""\{\{app\}\}/(?<name>[^""]+)"")", element =>
            $"{element.Value} integrity=\"sha256-{Convert.ToBase64String(Hash(_app[element.Groups["name"].Value]))}\"");
        return withHashes.Replace("{{app}}", "/web/" + Version);
    }

    private IEnumerable<string> ImportsOf(string script)
    {
        var found = new List<string> { script };
        for (var i = 0; i < found.Count; i++)
        {
            foreach (Match import in Regex.Matches(Encoding.UTF8.GetString(_app[found[i]]), @"^import (?:[^'\n]+ from )?'\./(?<name>[^']+)';$", RegexOptions.Multiline))
            {
                if (!found.Contains(import.Groups["name"].Value))
                {
                    found.Add(import.Groups["name"].Value);
                }
            }
        }

        return found.Skip(1);
    }

    private void Write(string name, byte[] content, bool isServed)
    {
        var path = Path.Combine(Output, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path));
        Compress(path + ".br", content, file => (Stream)Activator.CreateInstance(Brotli, file, Smallest));
        if (isServed)
        {
            Compress(path + ".gz", content, file => new GZipStream(file, Smallest));
        }
    }

    private static void Compress(string path, byte[] content, Func<Stream, Stream> compressed)
    {
        using (var file = File.Create(path))
        using (var stream = compressed(file))
        {
            stream.Write(content, 0, content.Length);
        }
    }

    private static IEnumerable<string> FilesOf(string folder, string pattern) =>
        Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories).OrderBy(file => file, StringComparer.Ordinal);

    private static byte[] Hash(byte[] content)
    {
        using (var sha = SHA256.Create())
        {
            return sha.ComputeHash(content);
        }
    }

    private static string Hex(byte[] bytes) => string.Concat(bytes.Select(value => value.ToString("x2")));
}
