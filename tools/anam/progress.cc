// SPDX-License-Identifier: Apache-2.0
#include "tools/anam/progress.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <string_view>
#include <system_error>

#include "tools/anam/text_table.h"

namespace anam::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kQuiet{1000};  // shorter work shows nothing
constexpr milliseconds kTerminalEvery{200};
constexpr milliseconds kLineEvery{5000};

void print(std::string_view text) {
  // Progress is for looking at: nothing depends on its being seen.
  if (write(STDERR_FILENO, text.data(), text.size()) < 0) return;
}

std::string clock_time(double seconds) {
  const auto all = static_cast<std::uint64_t>(std::clamp(seconds, 0.0, 1e9));
  const auto two = [](std::uint64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  const std::string minutes = two(all % 3600 / 60) + ":" + two(all % 60);
  return all >= 3600 ? std::to_string(all / 3600) + ":" + minutes : minutes;
}

std::string rate_text(double rate) {
  if (rate >= 1e6) return fixed(rate / 1e6, 1) + " M ";
  if (rate >= 1e3) return fixed(rate / 1e3, 0) + " k ";
  return fixed(rate, 0) + " ";
}

}  // namespace

Progress::Progress()
    : terminal_(isatty(STDERR_FILENO) == 1), begun_(std::chrono::steady_clock::now()) {
  // Signals are for the thread that works.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error&) {
    // Work goes on unseen.
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Progress::~Progress() {
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  if (shown_ && terminal_) print("\r\x1b[K");
}

void Progress::phase(std::string name, std::string counted) {
  const std::scoped_lock lock(mutex_);
  if (name == phase_) return;
  phase_ = std::move(name);
  counted_ = std::move(counted);
  done_ = total_ = things_ = 0;
  begun_ = std::chrono::steady_clock::now();
}

void Progress::update(std::uint64_t done, std::uint64_t total) {
  const std::scoped_lock lock(mutex_);
  done_ = done;
  total_ = total;
}

void Progress::count(std::uint64_t things) {
  const std::scoped_lock lock(mutex_);
  things_ = things;
}

void show_load(Progress& progress, const LoadProgress& now) {
  switch (now.phase) {
    case LoadProgress::Phase::kRead:
      progress.count(now.rows);
      break;
    case LoadProgress::Phase::kBuild:
      progress.phase("building", "rows");
      progress.update(now.rows_built, now.rows);
      progress.count(now.rows_built);
      break;
    case LoadProgress::Phase::kPublish:
      progress.phase("publishing", "");
      progress.update(now.files_done, now.files);
      break;
  }
}

void Progress::run() {
  std::unique_lock lock(mutex_);
  const auto stopped = [this] { return stop_; };
  if (wake_.wait_for(lock, kQuiet, stopped)) return;
  do {
    const std::string text = line();
    if (text.empty()) continue;
    shown_ = true;
    print(terminal_ ? "\r" + text + "\x1b[K" : text + "\n");
  } while (!wake_.wait_for(lock, terminal_ ? kTerminalEvery : kLineEvery, stopped));
}

std::string Progress::line() const {
  if (phase_.empty()) return "";
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
  std::string text = phase_;
  if (total_ > 0) {
    const double part = std::min(1.0, static_cast<double>(done_) / static_cast<double>(total_));
    if (terminal_) {
      constexpr std::size_t kBar = 24;
      const auto full = static_cast<std::size_t>(part * kBar);
      text += "  [" + std::string(full, '#') + std::string(kBar - full, '-') + "]";
    }
    text += "  " + fixed(part * 100, 0) + " %";
    if (counted_.empty() && total_ < 100000)
      text += "  (" + std::to_string(done_) + " of " + std::to_string(total_) + ")";
    if (things_ > 0)
      text += "  " + rate_text(static_cast<double>(things_) / seconds) + counted_ + "/s";
    if (part > 0.01) text += "  " + clock_time(seconds * (1 - part) / part) + " left";
  } else {
    if (things_ > 0) text += "  " + grouped(things_) + " " + counted_;
    text += "  " + clock_time(seconds);
  }
  return text;
}

}  // namespace anam::cli
