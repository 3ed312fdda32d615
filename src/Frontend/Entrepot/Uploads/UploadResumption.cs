using Grid.Interfaces.Uploads;
using Npgsql;
using Orleans;

namespace Grid.Frontend.Entrepot.Uploads;

/// <summary>Once the host has started, wakes the uploads that a stopped process left with checks to run or files to remove; reminders would, a minute later.</summary>
public sealed partial class UploadResumption(NpgsqlDataSource database, IGrainFactory grains, ILogger<UploadResumption> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            var uploads = new List<Guid>();
            await using (var command = database.CreateCommand(
                """
                select id from catalogue.upload u where status = 'CHECKING'
                or (status = 'DELETED' and exists (select from catalogue.upload_file f where f.upload = u.id))
                """))
            await using (var reader = await command.ExecuteReaderAsync(stoppingToken))
            {
                while (await reader.ReadAsync(stoppingToken))
                    uploads.Add(reader.GetGuid(0));
            }

            foreach (var upload in uploads)
                await grains.GetGrain<IUploadGrain>(upload.ToString()).ResumeAsync();
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            LogLater(logger, failed);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Uploads were not woken at the start; their reminders will.")]
    private static partial void LogLater(ILogger logger, Exception exception);
}
