#include "cornu/callbacks/callback_list.h"

#include <algorithm>

#include "cornu/base/error.h"
#include "cornu/callbacks/history.h"
#include "cornu/callbacks/progbar_logger.h"

namespace cornu {

CallbackList::CallbackList() = default;
CallbackList::CallbackList(std::vector<Callback> callbacks) : callbacks_(std::move(callbacks)) {}

CORNU_DEFINE_SPECIAL_MEMBERS(Callback)
void Callback::call(Hook hook, int number, Logs& logs, Training& training) { shared_->call(hook, number, logs, training); }
BatchCalls Callback::batch_calls(Mode mode, const Training& training) const { return shared_->batch_calls(mode, training); }
Config Callback::state() const { return shared_->state(); }
void Callback::set_state(const Config& state) { shared_->set_state(state); }
std::vector<Tensor> Callback::tensors() const { return shared_->tensors(); }
void Callback::set_tensors(std::vector<Tensor> tensors) { shared_->set_tensors(std::move(tensors)); }


void CallbackList::add_history() {
  if (!find<History>()) callbacks_.push_back(History{});
}

void CallbackList::add_progbar() {
  if (!find<ProgbarLogger>()) callbacks_.push_back(ProgbarLogger{});
}

void CallbackList::call(Hook hook, int number, Logs& logs, Training& training) {
  logs.sort();
  for (Callback& c : callbacks_) c.call(hook, number, logs, training);
}

BatchCalls CallbackList::batch_calls(Mode mode, const Training& training) const {
  BatchCalls closest = BatchCalls::none;
  for (const Callback& c : callbacks_) closest = std::max(closest, c.batch_calls(mode, training));
  return closest;
}

Config CallbackList::state() const {
  Config::List states;
  for (const Callback& c : callbacks_) states.push_back(c.state());
  return states;
}

void CallbackList::set_state(const Config& state) {
  const Config::List& states = state.as_list();
  require<FormatError>(states.size() == callbacks_.size(), "The saved run had ", states.size(), " callbacks and this one has ",
                       callbacks_.size(), ": resume with the same callbacks in the same order");
  for (size_t i = 0; i < states.size(); ++i)
    if (!states[i].is_null()) callbacks_[i].set_state(states[i]);
}

std::vector<std::vector<Tensor>> CallbackList::tensors() const {
  std::vector<std::vector<Tensor>> all;
  for (const Callback& c : callbacks_) all.push_back(c.tensors());
  return all;
}

void CallbackList::set_tensors(std::vector<std::vector<Tensor>> tensors) {
  require<FormatError>(tensors.size() == callbacks_.size(), "The saved run had tensors for ", tensors.size(),
                       " callbacks and this one has ", callbacks_.size(), ": resume with the same callbacks in the same order");
  for (size_t i = 0; i < tensors.size(); ++i) callbacks_[i].set_tensors(std::move(tensors[i]));
}

}  // namespace cornu
