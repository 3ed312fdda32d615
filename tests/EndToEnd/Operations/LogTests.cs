namespace Grid.EndToEnd.Tests.Operations;

[Collection("grid")]
public sealed class LogTests(SharedGrid shared)
{
    [Fact]
    public async Task Requests_and_statements_write_no_line_wherever_the_program_is_started()
    {
        (await shared.Http.GetAsync(new Uri("/tms/1.0.0", UriKind.Relative))).EnsureSuccessStatusCode();
        Assert.Contains("Now listening on", shared.Grid.Log);
        Assert.DoesNotContain("Npgsql.Command", shared.Grid.Log);
        Assert.DoesNotContain("Request starting", shared.Grid.Log);
    }
}
